use std::{fmt, ops::Range};

use super::{Blocks, Group, Hit, Scale, portable};

/// The instructions that count shared bits. All of them give the same result.
///
/// Can only be had by detection: there is no way to name instructions that this
/// processor lacks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Kernel(Instructions);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Instructions {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "aarch64")]
    Neon,
}

impl Kernel {
    /// Whatever the compiler makes of plain Rust; the others are tested against it.
    pub const PORTABLE: Self = Self(Instructions::Portable);

    /// The fastest one this processor has.
    pub fn detect() -> Self {
        Self::available().last().copied().unwrap_or(Self::PORTABLE)
    }

    /// Every one this processor has, the slowest first.
    pub fn available() -> Vec<Self> {
        let mut kernels = vec![Self::PORTABLE];
        #[cfg(target_arch = "x86_64")]
        {
            let popcnt = std::arch::is_x86_feature_detected!("popcnt");
            if popcnt && std::arch::is_x86_feature_detected!("avx2") {
                kernels.push(Self(Instructions::Avx2));
            }
            if popcnt
                && std::arch::is_x86_feature_detected!("avx512f")
                && std::arch::is_x86_feature_detected!("avx512vpopcntdq")
            {
                kernels.push(Self(Instructions::Avx512));
            }
        }
        #[cfg(target_arch = "aarch64")]
        if std::arch::is_aarch64_feature_detected!("neon") {
            kernels.push(Self(Instructions::Neon));
        }
        kernels
    }

    /// Scans `range` of `blocks` against `group` and appends to `hits`. Returns about
    /// how many instructions it took.
    #[expect(unsafe_code, reason = "the one call into code for detected instructions")]
    pub(crate) fn scan(
        self,
        group: &Group<'_>,
        blocks: &Blocks<'_>,
        range: Range<usize>,
        scale: Scale<'_>,
        hits: &mut Vec<Hit>,
    ) -> usize {
        match self.0 {
            Instructions::Portable => portable::scan(group, blocks, range, scale, hits),
            // SAFETY: `available` is the only place that makes an `Avx2`, and it does so
            // only where the processor has avx2, all that the function requires.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => unsafe { super::avx2::scan(group, blocks, range, scale, hits) },
            // SAFETY: `available` is the only place that makes an `Avx512`, and it does so
            // only where the processor has avx512f and avx512vpopcntdq, all that the
            // function requires.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => unsafe {
                super::avx512::scan(group, blocks, range, scale, hits)
            },
            // SAFETY: `available` is the only place that makes a `Neon`, and it does so only
            // where the processor has neon, all that the function requires.
            #[cfg(target_arch = "aarch64")]
            Instructions::Neon => unsafe { super::neon::scan(group, blocks, range, scale, hits) },
        }
    }
    /// Bits that two filters have in common.
    #[expect(unsafe_code, reason = "the one call into code for detected instructions")]
    pub(crate) fn shared(self, left: &[u64], right: &[u64]) -> u32 {
        match self.0 {
            // SAFETY: `available` makes these two only where the processor has popcnt, all
            // that the function requires.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 | Instructions::Avx512 => unsafe {
                super::avx2::shared(left, right)
            },
            _ => portable::shared(left, right),
        }
    }
}

/// What this processor can do at best: ands, counts and adds words in registers,
/// touching no memory, `rounds` times, by the instructions of [`Kernel::detect`].
///
/// Gives the number of words of filter pairs that this stands for and a number that
/// depends on them all; `None` without AVX2. A yardstick for benchmarks.
#[expect(unsafe_code, reason = "the one call into code for detected instructions")]
pub fn register_limit(rounds: u64) -> Option<(u64, i64)> {
    match Kernel::detect().0 {
        // SAFETY: an `Avx512` exists only where the processor has avx512f and
        // avx512vpopcntdq, all that the function requires.
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx512 => Some(unsafe { super::yardstick::run(rounds) }),
        // SAFETY: an `Avx2` exists only where the processor has avx2, all that the
        // function requires.
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx2 => Some(unsafe { super::yardstick::run_avx2(rounds) }),
        _ => None,
    }
}

/// The name of the instruction set.
impl fmt::Display for Kernel {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self.0 {
            Instructions::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => "avx512-vpopcntdq",
            #[cfg(target_arch = "aarch64")]
            Instructions::Neon => "neon",
        })
    }
}
