use std::path::Path;

use super::*;

fn read(text: &str) -> anyhow::Result<Courier> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("courier.toml");
    std::fs::write(&path, text)?;
    crate::keys::write_new(&folder.path().join("own.token"), "sesame\n")?;
    std::fs::write(folder.path().join("loose.token"), "sesame\n")?;
    std::fs::write(folder.path().join("ca.pem"), "nonsense")?;
    let config = CourierConfig::read(Path::new(&path))?;
    Courier::new(&config)
}

const GOOD: &str = r#"
    [[project]]
    name = "p"
    linkage = { url = "https://linkage.example", token_file = "own.token" }
    statistics = { url = "http://127.0.0.1:8702", token_file = "own.token" }
"#;

#[test]
fn what_was_left_out_is_as_usual() {
    let courier = read(GOOD).unwrap();
    assert_eq!(courier.interval, Duration::from_secs(15));
    assert!(!courier.routes[0].by_hand);
}

#[test]
fn a_configuration_that_cannot_work_says_why() {
    let twice = format!("{GOOD}{GOOD}");
    let fast = format!("interval_seconds = 0\n{GOOD}");
    let odd = format!("interval = 5\n{GOOD}");
    let plain = GOOD.replace("https://", "http://");
    let authority = GOOD.replacen("\"own.token\" }", "\"own.token\", authority = \"ca.pem\" }", 1);
    for (text, word) in [
        (twice.as_str(), "twice"),
        (&fast, "between 1 and 3600"),
        (&odd, "interval"),
        (&plain, "https://"),
        (&authority, "not PEM"),
        (&GOOD.replace("own.token", "loose.token"), "chmod 600"),
        (&GOOD.replace("own.token", "none.token"), "none.token"),
        ("project = []", "at least one"),
    ] {
        let error = read(text).err().map(|error| format!("{error:#}")).unwrap_or_default();
        assert!(error.contains(word), "{word}: {error}");
        assert!(!error.contains("sesame"), "{error}");
    }
}
