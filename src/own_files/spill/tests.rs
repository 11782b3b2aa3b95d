use std::os::unix::fs::PermissionsExt as _;

use super::*;

/// Pairs of 50 by 50 records with many equal similarities.
fn pairs(count: u32) -> Vec<Pair> {
    let pair = |number: u32| {
        let mixed = number.wrapping_mul(2_654_435_761);
        Pair {
            left: RecordRef { source: 0, row: mixed % 50 },
            right: RecordRef { source: 1, row: number },
            similarity: Similarity::from_bits(u32::MAX - (mixed >> 24)),
        }
    };
    (0..count).map(pair).collect()
}

fn spilled(folder: &Path, most: usize, pairs: &[Pair]) -> anyhow::Result<FoundPairs> {
    let threshold = "0.5".parse()?;
    let mut spill = Spill::new(&folder.join("groups.csv"), most, threshold);
    for (tile, pairs) in (0..).zip(pairs.chunks(7)) {
        spill.accept(tile, pairs).map_err(|error| anyhow::anyhow!("{error:#}"))?;
    }
    spill.finish()
}

fn all(found: &FoundPairs) -> Result<Vec<Pair>, BoxedError> {
    let (mut reader, mut pairs) = (found.reader(), Vec::new());
    while reader.read(&mut pairs)? {}
    Ok(pairs)
}

#[test]
fn pairs_come_back_ranked_whatever_fits_into_memory() {
    let folder = tempfile::tempdir().unwrap();
    let pairs = pairs(1_000);
    let mut expected = pairs.clone();
    expected.sort_unstable_by_key(Pair::rank);
    for most in [1, 3, 100, 999, 1_000, 5_000] {
        let found = spilled(folder.path(), most, &pairs).unwrap();
        assert_eq!(found.spilled() > 0, most < 1_000);
        assert!(found.held.len() <= most);
        assert!(all(&found).unwrap() == expected, "{most}");
        assert!(all(&found).unwrap() == expected, "a second time");
        assert_eq!(found.bands.iter().sum::<u64>(), 1_000);
    }
    assert!(all(&spilled(folder.path(), 10, &[]).unwrap()).unwrap().is_empty());
}

#[test]
fn the_file_has_no_name_and_is_nobody_elses() {
    let folder = tempfile::tempdir().unwrap();
    let found = spilled(folder.path(), 10, &pairs(100)).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let mode = found.file.as_ref().unwrap().metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_file_that_was_cut_or_altered_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let found = spilled(folder.path(), 10, &pairs(100)).unwrap();
    let file = found.file.as_ref().unwrap();
    let length = file.metadata().unwrap().len();
    file.set_len(length - 1).unwrap();
    let error = all(&found).err().unwrap().to_string();
    assert!(error.contains("shorter than what was written"), "{error}");

    let found = spilled(folder.path(), 10, &pairs(100)).unwrap();
    // The first pair of the first run becomes the least similar of all.
    found.file.as_ref().unwrap().write_all_at(&[0; 4], 16).unwrap();
    let options = linkage::Options::new("0.5".parse().unwrap());
    let result = linkage::greedy(&mut found.reader(), &[50, 100], &options);
    assert!(matches!(result, Err(linkage::Error::Unranked)));
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let error = spilled(&folder.path().join("missing"), 10, &pairs(100)).err().unwrap();
    assert!(format!("{error:#}").contains("cannot write into"), "{error:#}");
}
