//! The audit of the noise, small; false alarms in one of a million runs of each test.

use demo::noise::{Fault, NoiseSettings, Part, Report, audit};

fn run(parts: &[Part], draws: u32, plant: Option<Fault>) -> Report {
    audit(&NoiseSettings {
        parts: parts.to_vec(),
        draws,
        coverage: 640,
        releases: 100,
        patience: 1,
        false_alarm: 1e-6,
        seed: 1,
        plant,
        quiet: true,
        json: None,
        page: None,
    })
    .unwrap()
}

#[test]
fn released_noise_is_what_the_releases_say() {
    let report = run(&[Part::Fit], 4_000, None);
    assert!(report.failures().is_empty(), "{}", report.page());
}

#[test]
#[ignore = "takes minutes, as every answer waits for its slot: cargo test -p demo -- --ignored"]
fn what_is_shown_stays_below_what_is_stated() {
    let report = run(&[Part::Bound], 12_000, None);
    assert!(report.failures().is_empty(), "{}", report.page());
}

#[test]
#[ignore = "takes minutes, as every answer waits for its slot: cargo test -p demo -- --ignored"]
fn intervals_hold_and_time_tells_nothing() {
    let report = run(&[Part::Coverage, Part::Time], 2_000, None);
    assert!(report.failures().is_empty(), "{}", report.page());
}

#[test]
fn half_of_the_noise_is_found_by_its_law() {
    let report = run(&[Part::Fit], 4_000, Some(Fault::HalfNoise));
    let failures = report.failures();
    let law = failures.iter().filter(|own| own.contains("it is not the stated")).count();
    assert_eq!(law, 7, "{}", report.page());
}

#[test]
#[ignore = "takes minutes, as every answer waits for its slot: cargo test -p demo -- --ignored"]
fn half_of_the_noise_is_found_by_what_it_shows() {
    let report = run(&[Part::Bound], 6_000, Some(Fault::HalfNoise));
    let failures = report.failures();
    let shown = failures.iter().filter(|own| own.contains("shows more than")).count();
    assert_eq!(shown, 6, "{}", report.page());
}

#[test]
#[ignore = "takes minutes, as every answer waits for its slot: cargo test -p demo -- --ignored"]
fn a_person_in_two_cells_is_found() {
    let report = run(&[Part::Bound], 30_000, Some(Fault::TwoCells));
    assert_eq!(report.failures().len(), 1, "{}", report.page());
    assert!(report.failures()[0].starts_with("person, table of persons: it shows more"));
}

#[test]
fn a_setting_out_of_range_is_refused() {
    let mut settings = NoiseSettings {
        parts: vec![Part::Fit],
        draws: 10,
        coverage: 640,
        releases: 100,
        patience: 1,
        false_alarm: 1e-6,
        seed: 1,
        plant: None,
        quiet: true,
        json: None,
        page: None,
    };
    let refused = |settings: &NoiseSettings| audit(settings).err().map(|own| own.to_string());
    assert!(refused(&settings).is_some_and(|own| own.contains("--draws must be")));
    (settings.draws, settings.false_alarm) = (10_000, f64::NAN);
    assert!(refused(&settings).is_some_and(|own| own.contains("false-alarm")));
    settings.parts.clear();
    assert!(refused(&settings).is_some_and(|own| own.contains("at least one part")));
}
