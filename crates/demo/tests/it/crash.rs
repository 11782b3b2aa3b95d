//! A few deaths; a thousand are for `milchglas-demo crash`.

use demo::{CrashReport, CrashSettings, crash};

fn deaths(iterations: u32, power_cut: bool, forget_flushes: bool) -> anyhow::Result<CrashReport> {
    crash(&CrashSettings {
        iterations,
        seed: 7,
        program: env!("CARGO_BIN_EXE_milchglas-demo").into(),
        power_cut,
        forget_flushes,
        json: false,
    })
}

#[test]
fn a_killed_unit_leaves_nothing_that_was_not_paid() {
    let report = deaths(10, false, false).unwrap();
    assert_eq!((report.deaths, report.left.values().sum::<u32>()), (10, 10));
    assert!(report.charges > 0 && report.answers > 0, "{report:?}");
}

#[test]
fn nor_does_one_whose_power_was_cut_and_a_missing_flush_would_be_seen() {
    let report = deaths(6, true, false).unwrap();
    assert_eq!(report.deaths, 6);
    assert!(report.charges > 0 && report.answers > 0, "{report:?}");
    let broken = deaths(40, true, true);
    assert!(broken.is_err(), "without flushes answers are lost: {broken:?}");
}
