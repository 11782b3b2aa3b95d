//! Data minimisation at intake: each refusal with its own code.

use std::fs;

use milchglas::UnitName::{Linkage, Statistics};
use policy::Digest;
use submission::{Measures, MeasuresChunk};

use crate::place::{HandMade, Place, expect_only, without_plans};

const PLENTY: u64 = 1_000_000_000;

/// A batch of one person whose codes and amounts are these.
fn batch(place: &Place, codes: &[u16], amounts: &[Option<i64>]) -> HandMade {
    let mut batch = place.batch(1, 1);
    let name = policy::Name::new("kita").unwrap();
    let mut chunk = MeasuresChunk::new(place.policies.catalogue.dataset(&name).unwrap());
    let row = Measures {
        subject: batch.subjects[0],
        row: 0,
        year: 2025,
        first_month: 1,
        last_month: 12,
        unit: None,
        codes,
        amounts,
    };
    chunk.push(&row).unwrap();
    batch.chunks[1] = vec![chunk.encode().unwrap()];
    batch.manifests[1].chunks = vec![Digest::of(&batch.chunks[1][0])];
    batch
}

/// Per dimension of the dataset 0, or unknown where no purpose names it.
fn codes(place: &Place, named_only: bool) -> Vec<u16> {
    let own = policy::Name::new("kita").unwrap();
    let project = policy::Name::new("county-06432").unwrap();
    let named = place.policies.named_columns(&project, &own).unwrap();
    let dimensions = &place.policies.catalogue.dataset(&own).unwrap().dimensions;
    assert!(dimensions.iter().any(|own| !named.dimension(own)), "every column is named");
    let code = |own| if named_only && !named.dimension(own) { policy::UNKNOWN_CODE } else { 0 };
    dimensions.iter().map(code).collect()
}

#[test]
fn a_column_that_no_purpose_names_is_refused_where_it_is_filled() {
    let place = Place::start(PLENTY);
    place.open_epoch();
    let filled = batch(&place, &codes(&place, false), &[Some(30)]);
    let refused = place.submit(Statistics, &filled);
    assert_eq!((refused.status, refused.code().as_str()), (422, "column-unnamed"));
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("`kita_form` of `kita`"), "{detail}");
    let empty = batch(&place, &codes(&place, true), &[Some(30)]);
    assert_eq!(place.submit(Statistics, &empty).status, 200);
}

#[test]
fn a_dataset_that_no_purpose_reads_is_refused_before_its_first_chunk() {
    let place = Place::start_with(PLENTY, |policies| {
        without_plans(policies);
        expect_only(&policies.join("schedules/county-06432.toml"), &["kita", "egh"]);
        for entry in fs::read_dir(policies.join("purposes")).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            fs::write(path, text.replace("project = \"county-06432\"", "project = \"another\""))
                .unwrap();
        }
    });
    let batch = place.batch(4, 4);
    let refused = place.announce(Statistics, &batch.manifests[1]);
    assert_eq!((refused.status, refused.code().as_str()), (422, "column-unnamed"));
    assert!(refused.json()["detail"].as_str().unwrap().contains("no purpose"));
}

#[test]
fn a_value_outside_the_classes_is_refused() {
    let place = Place::start(PLENTY);
    place.open_epoch();
    let mut outside = codes(&place, true);
    outside[0] = 4_000;
    for (codes, amounts) in [
        (&outside, [Some(30)]),
        (&codes(&place, true), [Some(-1)]),
        (&codes(&place, true), [Some(1_000_000)]),
    ] {
        let refused = place.submit(Statistics, &batch(&place, codes, &amounts));
        assert_eq!((refused.status, refused.code().as_str()), (422, "value-unknown"));
    }
}

#[test]
fn a_full_delivery_below_the_size_that_policy_sets_is_refused_by_both_units() {
    let place = Place::start_with(PLENTY, |policies| {
        without_plans(policies);
        expect_only(&policies.join("schedules/county-06432.toml"), &["kita", "egh"]);
        let path = policies.join("catalogue/county.toml");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text.replace("least_subjects = 1\n", "least_subjects = 5\n")).unwrap();
    });
    place.open_epoch();
    for unit in [Linkage, Statistics] {
        let refused = place.submit(unit, &place.batch(4, 4));
        assert_eq!((refused.status, refused.code().as_str()), (422, "batch-too-small"));
        assert!(refused.json()["detail"].as_str().unwrap().contains("at least 5"));
        assert_eq!(place.submit(unit, &place.batch(5, 5)).status, 200);
    }
}
