//! No identifying cell of the input occurs in any byte that leaves the department, or in its
//! report.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use crate::desk::Desk;

/// Cells that cannot occur by accident in ids, digests or Arrow's own words.
fn cell() -> impl Strategy<Value = String> {
    "[A-ZÄÖÜ][a-zäöüß]{7,12}"
}

fn bytes_of(folder: &Path, names: &[&str]) -> Vec<u8> {
    let mut all = Vec::new();
    for name in names {
        let path = folder.join(name);
        if path.is_dir() {
            for entry in fs::read_dir(path).unwrap() {
                all.extend(fs::read(entry.unwrap().path()).unwrap());
            }
        } else {
            all.extend(fs::read(path).unwrap());
        }
    }
    all
}

fn occurs(haystack: &[u8], needle: &str) -> bool {
    let windows: Vec<u8> = encoding_rs::WINDOWS_1252.encode(needle).0.into_owned();
    let utf16: Vec<u8> = needle.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let hex = data_encoding::HEXLOWER.encode(needle.as_bytes());
    [needle.as_bytes(), &windows, &utf16, hex.as_bytes()]
        .iter()
        .any(|form| haystack.windows(form.len()).any(|window| window == *form))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_identifying_cell_leaves(
        people in prop::collection::vec((cell(), cell(), cell(), cell(), cell(), 1..28_u8, 1..12_u8), 1..12),
        broken in cell(),
    ) {
        let desk = Desk::new();
        let mut text = String::from("nachname\tgeburtsname\tvornamen\tgeburtsdatum\tgeschlecht\tstrasse\thausnummer\tplz\tort\tags\tsozialraum\taktenzeichen\thilfeart\tbeginn\tende\tgrund\tlebenssituation\tanregende_stelle\tgefaehrdung_8a\tkosten_eur_monat\tintensitaet_h_woche\n");
        let mut secrets = vec![broken.clone()];
        for (number, (name, birth_name, given, street, case, day, month)) in people.iter().enumerate() {
            let case = format!("{case}{number}");
            let date = format!("{day:02}.{month:02}.2011");
            text.push_str(&format!("{name}\t{birth_name}\t{given}\t{date}\tw\t{street}\t17x\t64807\tDieburg\t06432004\tDADI\t{case}\t§31\t01.2023\t\tGeheimgrund\tPatchwork\tASD\tJ\t777,77\t3,25\n"));
            secrets.extend([name, birth_name, given, street].map(Clone::clone));
            secrets.extend([case, date]);
        }
        secrets.extend(["64807", "Dieburg", "Geheimgrund", "777,77"].map(str::to_owned));
        // A row for the quarantine, whose cells must not reach the report either.
        text.push_str(&format!("{broken}\t\tEva\t31.02.2011\tw\tWeg\t1\t64807\tDieburg\t\tX\tQ-1\t§31\t01.2023\t\t\t\t\t\t\t\n"));
        let batch = desk.full("hze", &desk.write("canary.csv", text)).unwrap();
        let left = bytes_of(&batch.folder, &["linkable", "measures", "report.json", "register.sealed"]);
        for secret in &secrets {
            prop_assert!(!occurs(&left, secret), "{secret}");
        }
        // Positive control: the search finds what is there.
        let kept = bytes_of(&batch.folder, &["quarantine.csv"]);
        prop_assert!(occurs(&kept, &broken));
        prop_assert!(occurs(&left, "dimension:municipality"));
    }
}
