//! Nothing secret lies on the share: looked at before anything else is done.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, shown};

/// Most symbolic links that are followed to find where a path leads.
const LINKS: u8 = 40;

/// Refuses where one of the places leads below the share, or the share below the work folder.
///
/// Paths are compared as they really are: links are followed, also those that lead nowhere yet,
/// and a second mount of the same folder is recognised by its device and number.
pub(super) fn check(share: &Path, work: &Path, places: &[PathBuf]) -> Result<(), Error> {
    let root = resolve(share, LINKS);
    for place in places.iter().map(PathBuf::as_path).chain([work]) {
        let real = resolve(place, LINKS);
        if real.starts_with(&root) || shares_a_folder(&root, &real) {
            return Err(Error::OnShare { path: shown(place), share: shown(share) });
        }
    }
    if root.starts_with(resolve(work, LINKS)) {
        return Err(Error::OnShare { path: shown(share), share: shown(work) });
    }
    Ok(())
}

/// Where a path leads; what does not exist yet is kept as written.
fn resolve(path: &Path, links: u8) -> PathBuf {
    if let Ok(real) = fs::canonicalize(path) {
        return real;
    }
    if links > 0
        && let Ok(target) = fs::read_link(path)
    {
        let folder = path.parent().unwrap_or(Path::new("."));
        return resolve(&folder.join(target), links - 1);
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) if !parent.as_os_str().is_empty() => {
            resolve(parent, links).join(name)
        }
        (_, Some(name)) => resolve(Path::new("."), 0).join(name),
        _ => path.to_owned(),
    }
}

fn shares_a_folder(root: &Path, path: &Path) -> bool {
    let identity = |path: &Path| fs::metadata(path).ok().map(|data| (data.dev(), data.ino()));
    let Some(root) = identity(root) else { return false };
    path.ancestors().any(|folder| identity(folder) == Some(root))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_key_below_the_share_is_found_through_links_and_dots() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["share/sub", "local/keys"] {
            fs::create_dir_all(at(name)).unwrap();
        }
        fs::write(at("share/sub/key"), "x").unwrap();
        symlink(at("share/sub"), at("local/link")).unwrap();
        symlink(at("share/sub/key"), at("local/key")).unwrap();
        symlink("../share/not-yet", at("local/dangling")).unwrap();
        symlink(at("share"), at("other-name")).unwrap();
        let ask = |share: &str, work: &str, key: &str| check(&at(share), &at(work), &[at(key)]);
        assert!(ask("share", "local/work", "local/keys/key").is_ok());
        for key in [
            "share/key",
            "share/sub/key",
            "share/new/folder/key",
            "local/link/key",
            "local/key",
            "local/dangling",
            "local/../share/key",
            "other-name/key",
        ] {
            let error = ask("share", "local/work", key).err().unwrap();
            assert!(error.to_string().contains("below the share"), "{key}: {error}");
            assert!(ask("other-name", "local/work", key).is_err(), "{key}");
        }
        assert!(ask("share", "share/work", "local/keys/key").is_err());
        assert!(ask("local/keys/share", "local", "key").is_err());
    }
}
