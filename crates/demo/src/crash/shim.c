/* What a power cut takes: writes that were not flushed.
 *
 * Preloaded into the process that is killed. Before each write to a database file it notes what
 * stood there, and after each flush that the file was flushed; whoever reads the notes can undo what
 * a power cut would have taken. The file named by MILCHGLAS_UNDO takes the notes, in the byte order
 * of the machine: kind, length of the path, offset, size of the file before, length of the old
 * bytes, path, old bytes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_pread)(int, void *, size_t, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static int notes = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite");
    real_pread = dlsym(RTLD_NEXT, "pread");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate");
    const char *path = getenv("MILCHGLAS_UNDO");
    if (path) notes = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* The path of a database or its log; the shared index is made anew at each start. */
static int tracked(int fd, char *path, size_t size) {
    char link[64];
    if (notes < 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, size - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    size_t tail = (size_t)length;
    return strstr(path, ".sqlite") && !(tail > 4 && !strcmp(path + tail - 4, "-shm"));
}

static void note(char kind, int fd, const char *path, uint64_t offset, uint64_t length) {
    struct stat file;
    if (fstat(fd, &file)) abort();
    char *old = malloc(length ? length : 1);
    ssize_t got = length ? real_pread(fd, old, length, (off_t)offset) : 0;
    if (!old || got < 0) abort();
    uint32_t path_length = (uint32_t)strlen(path);
    uint64_t head[3] = {offset, (uint64_t)file.st_size, (uint64_t)got};
    struct iovec parts[] = {
        {&kind, 1}, {&path_length, 4}, {head, sizeof head}, {(void *)path, path_length}, {old, (size_t)got},
    };
    ssize_t whole = (ssize_t)(1 + 4 + sizeof head + path_length) + got;
    if (writev(notes, parts, 5) != whole) abort();
    free(old);
}

ssize_t pwrite(int fd, const void *from, size_t length, off_t offset) {
    char path[4096];
    if (!tracked(fd, path, sizeof path)) return real_pwrite(fd, from, length, offset);
    pthread_mutex_lock(&lock);
    note('W', fd, path, (uint64_t)offset, length);
    ssize_t done = real_pwrite(fd, from, length, offset);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite64(int fd, const void *from, size_t length, off_t offset) {
    return pwrite(fd, from, length, offset);
}

ssize_t write(int fd, const void *from, size_t length) {
    char path[4096];
    if (!tracked(fd, path, sizeof path)) return real_write(fd, from, length);
    pthread_mutex_lock(&lock);
    note('W', fd, path, (uint64_t)lseek(fd, 0, SEEK_CUR), length);
    ssize_t done = real_write(fd, from, length);
    pthread_mutex_unlock(&lock);
    return done;
}

int ftruncate(int fd, off_t size) {
    char path[4096];
    if (!tracked(fd, path, sizeof path)) return real_ftruncate(fd, size);
    pthread_mutex_lock(&lock);
    struct stat file;
    if (fstat(fd, &file)) abort();
    uint64_t cut = file.st_size > size ? (uint64_t)(file.st_size - size) : 0;
    note('W', fd, path, (uint64_t)size, cut);
    int done = real_ftruncate(fd, size);
    pthread_mutex_unlock(&lock);
    return done;
}

int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }

static int flushed(int fd, int (*real)(int)) {
    char path[4096];
    if (!tracked(fd, path, sizeof path)) return real(fd);
    pthread_mutex_lock(&lock);
    int done = real(fd);
    if (!done) note('S', fd, path, 0, 0);
    pthread_mutex_unlock(&lock);
    return done;
}

int fsync(int fd) { return flushed(fd, real_fsync); }
int fdatasync(int fd) { return flushed(fd, real_fdatasync); }
