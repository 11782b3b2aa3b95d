use policy::Catalogue;

use super::*;

const CATALOGUE: &str = include_str!("../../../../../policies/catalogue/county.toml");
const PURPOSE: &str = include_str!("../../../../../policies/purposes/sozialmonitoring-06432.toml");

fn purpose() -> Purpose {
    Purpose::from_toml(PURPOSE, &Catalogue::from_toml(CATALOGUE).unwrap()).unwrap()
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    Fields::new(pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect())
}

fn named(pairs: &[(&str, &str)], id: &str) -> Result<QueryRequest, FieldError> {
    let purpose = purpose();
    let indicator = purpose.indicator(&Name::new(id).unwrap()).unwrap().clone();
    request(&fields(pairs), &purpose, Subject::Indicator(&indicator), 2025)
}

fn own(pairs: &[(&str, &str)]) -> Result<QueryRequest, FieldError> {
    let purpose = purpose();
    let ad_hoc = purpose.ad_hoc.clone().unwrap();
    request(&fields(pairs), &purpose, Subject::Own(&ad_hoc), 2025)
}

#[test]
fn a_width_is_read_as_germans_write_it() {
    let width = |text: &str, id: &str| {
        named(&[("wie", "breite"), ("breite", text)], id)
            .map(|own| own.half_width.unwrap().to_string())
    };
    for (text, read) in [("10", "10"), ("2,5", "2.5"), ("± 7", "7"), ("0.125", "0.125")] {
        assert_eq!(width(text, "sgb2-children").unwrap(), read);
    }
    assert_eq!(width("5", "single-parents").unwrap(), "0.05", "per cent of a share");
    for bad in ["", "0", "-3", "zehn", "1.000", "1e3", "0,0000001", "NaN", "10 Personen"] {
        assert_eq!(width(bad, "sgb2-children").unwrap_err().field, "breite", "{bad}");
    }
}

#[test]
fn a_share_of_the_cap_is_a_whole_number_within_limits() {
    let rho = |text: &str| {
        named(&[("wie", "anteil"), ("anteil", text)], "sgb2-children")
            .map(|own| own.rho_nano.unwrap().get())
    };
    // The cap is 0.5 rho, the indicator may cost 0.02.
    assert_eq!((rho("4").unwrap(), rho("0,5").unwrap()), (20_000_000, 2_500_000));
    for bad in ["", "4,01", "100", "0", "0,0001", "x"] {
        assert_eq!(rho(bad).unwrap_err().field, "anteil", "{bad}");
    }
}

#[test]
fn a_grouping_is_one_of_the_list() {
    let group = |text: &str| named(&[("gruppe", text)], "sgb2-children").map(|own| own.group_by);
    assert_eq!(group("municipality").unwrap(), None, "the usual one is not named");
    assert_eq!(group("*").unwrap(), Some(vec![]));
    assert_eq!(group("sex").unwrap_err().field, "gruppe");
}

#[test]
fn an_own_question_comes_back_from_its_address() {
    for pairs in [
        vec![("art", "persons"), ("dienst", "hze"), ("nur.age_group", "65+"), ("nach", "sex")],
        vec![("art", "overlap"), ("dienst", "sgb2"), ("dienst", "kita")],
        vec![("art", "cases"), ("dienst", "sgb2"), ("merkmal", "sex"), ("hoechstens", "2")],
        vec![("art", "share"), ("dienst", "sgb2"), ("mit", "kita"), ("annahme", "250")],
    ] {
        let asked = own(&pairs).unwrap();
        let address = address(&asked);
        let decoded = address.split_once('?').unwrap().1.replace("%2B", "+");
        let decoded: Vec<_> = decoded.split('&').filter_map(|pair| pair.split_once('=')).collect();
        assert_eq!(own(&decoded).unwrap(), asked, "{address}");
    }
}

#[test]
fn what_is_missing_in_an_own_question_is_said_at_its_field() {
    for (pairs, field) in [
        (vec![], "dienst"),
        (vec![("dienst", "police")], "dienst"),
        (vec![("art", "overlap"), ("dienst", "sgb2")], "dienst"),
        (vec![("art", "cases"), ("dienst", "sgb2")], "merkmal"),
        (
            vec![("art", "cases"), ("dienst", "sgb2"), ("dienst", "hze"), ("merkmal", "sex")],
            "dienst",
        ),
        (vec![("art", "share"), ("dienst", "sgb2")], "mit"),
        (vec![("art", "share"), ("dienst", "sgb2"), ("mit", "kita"), ("annahme", "0")], "annahme"),
    ] {
        assert_eq!(own(&pairs).unwrap_err().field, field, "{pairs:?}");
    }
}
