//! Streets and house numbers of the municipalities.

use super::draw::{Draw, Purpose, Weighted};
use super::people::Address;
use super::tables::Tables;

/// The streets of every municipality: those seen there, and as many frequent ones as its size
/// asks for, since the public list is a sample.
pub(super) struct Streets(Vec<Vec<&'static str>>);

impl Streets {
    /// Lays out the streets; the same for a seed.
    pub(super) fn lay(tables: &Tables, seed: u64) -> Self {
        let all = tables.municipalities.iter().enumerate().map(|(at, municipality)| {
            let mut draw = Draw::new(seed, Purpose::Streets, 0, at as u64);
            let wanted = 25 + municipality.population as usize / 120;
            let mut streets = municipality.streets.clone();
            for _ in 0..wanted * 4 {
                let street = tables.streets.pick(&mut draw);
                if streets.len() < wanted && !streets.contains(&street) {
                    streets.push(street);
                }
            }
            streets
        });
        Self(all.collect())
    }

    /// An address in a municipality.
    pub(super) fn address(&self, tables: &Tables, draw: &mut Draw, municipality: u8) -> Address {
        let place = &tables.municipalities[usize::from(municipality)];
        let second = place.postcodes.len() > 1 && draw.per_mille(40);
        let in_locality = !place.localities.is_empty() && draw.per_mille(550);
        let localities = place.localities.len() as u32;
        let near = draw.per_mille(600);
        let letter = draw.per_mille(80).then(|| draw.among(['a', 'b', 'c', 'd']));
        Address {
            municipality,
            locality: in_locality.then(|| draw.below(localities) as u8),
            postcode: place.postcodes[usize::from(second)],
            street: draw.one(&self.0[usize::from(municipality)]).copied().unwrap_or("Hauptstraße"),
            number: draw.between(1, if near { 30 } else { 110 }) as u16,
            letter,
        }
    }
}

/// The municipalities of one county, drawn in proportion to their population.
pub(super) struct Destinations(Weighted<u8>);

impl Destinations {
    /// `None` if the county has no municipality.
    pub(super) fn of(tables: &Tables, county: &str) -> Option<Self> {
        let all = (0_u8..).zip(&tables.municipalities);
        let here = all.filter(|(_, place)| place.ags.starts_with(county));
        Weighted::new(here.map(|(at, place)| (at, u64::from(place.population)))).map(Self)
    }

    pub(super) fn pick(&self, draw: &mut Draw) -> u8 {
        self.0.pick(draw)
    }
}
