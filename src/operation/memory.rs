//! What of a process's memory could leave it.

use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit,
};
use tracing::warn;

/// Lets no core file hold keys or records, keeps other processes of the same account from looking
/// in, and keeps pages from the swap where the account may.
///
/// # Errors
/// Where the system refuses one of the first two: nothing is to be served then.
pub(crate) fn keep_to_itself() -> std::io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    // Locking part of what is needed would end the process when the rest is asked for.
    let unlimited = getrlimit(Resource::Memlock).current.is_none();
    let locked = unlimited
        && mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT)
            .is_ok();
    if !locked {
        warn!(
            "memory may go to the swap: set LimitMEMLOCK=infinity, or MemorySwapMax=0, as the \
             supplied systemd units do"
        );
    }
    Ok(())
}
