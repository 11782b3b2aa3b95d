//! A person in one department: what its file says about them in all their rows.

use super::calendar::Month;
use super::cells::{Master, Place};
use super::conventions::Convention;
use super::dataset::Dataset;
use super::draw::{Draw, Purpose};
use super::errors::{ErrorKind, Errors, Scene};
use super::founding::Land;
use super::line::push_cell;
use super::people::{Address, Family};

/// Chance that a department goes over a record between two deliveries, per mille: what was wrong
/// may be put right then, and something new may go wrong.
const REVISED: u32 = 250;

/// The department's view of the county at one delivery.
pub(super) struct Desk<'a> {
    pub(super) land: Land<'a>,
    pub(super) convention: Convention,
    pub(super) seed: u64,
    pub(super) dirty_per_mille: u32,
    pub(super) quarter: u8,
    /// Last month of the delivery.
    pub(super) cutoff: Month,
}

/// Rendered identifying cells of one person in one extract.
pub(super) struct Record {
    person: u8,
    master: String,
    /// By household and address in it.
    places: Vec<((u8, usize), String)>,
    pub(super) errors: Errors,
}

impl Desk<'_> {
    const fn dataset(&self) -> Dataset {
        self.convention.dataset
    }

    /// Stream of the record as it stands since its last revision.
    fn stream(&self, id: u64) -> Draw {
        let mut revision = self.quarter;
        loop {
            let part = self.dataset() as u32 | (u32::from(revision) << 8);
            let mut draw = Draw::new(self.seed, Purpose::Record, part, id);
            if draw.per_mille(REVISED) || revision <= 1 {
                return draw;
            }
            revision -= 1;
        }
    }

    /// Where a person lives in a month, or lived last: household, number of its address, address.
    pub(super) fn home(&self, family: &Family, person: u8, month: Month) -> (u8, usize, Address) {
        let who = family.person(person);
        let month = month.min(self.cutoff).min(who.until.plus(-1)).max(who.from);
        let household = who.last_stay(month).household;
        let (at, address) = family.households[usize::from(household)].address_at(month);
        (household, at, address)
    }

    /// Opens the record of a person, clean or spoiled.
    pub(super) fn open(&self, family: &Family, person: u8) -> Record {
        let (household, at, address) = self.home(family, person, self.cutoff);
        let former =
            at.checked_sub(1).map(|at| family.households[usize::from(household)].addresses[at].1);
        let mut draw = self.stream(family.id << 8 | u64::from(person));
        let dirty = draw.below(1000) < self.dirty_per_mille;
        let who = family.person(person);
        let mut master = Master::clean(who, &self.convention, self.cutoff, &mut draw);
        let mut place = Place::clean(self.land.tables, &address, &self.convention, &mut draw);
        let scene = self.scene(family, person, address, former);
        let errors =
            if dirty { scene.spoil(&mut draw, &mut master, &mut place) } else { Errors::new() };
        let places = vec![((household, at), self.place_cells(&place))];
        Record { person, master: self.master_cells(&master), places, errors }
    }

    fn scene<'s>(
        &'s self,
        family: &'s Family,
        person: u8,
        address: Address,
        former: Option<Address>,
    ) -> Scene<'s> {
        Scene {
            tables: self.land.tables,
            streets: self.land.streets,
            destinations: self.land.destinations,
            convention: &self.convention,
            person: family.person(person),
            address,
            former,
            cutoff: self.cutoff,
        }
    }

    /// The shared cells of a row: identifying, and with the address of a household and month.
    pub(super) fn identify(
        &self,
        family: &Family,
        record: &mut Record,
        household: u8,
        month: Month,
        out: &mut String,
    ) {
        let (at, address) = family.households[usize::from(household)].address_at(month);
        let known = record.places.iter().position(|(key, _)| *key == (household, at));
        let known = known.unwrap_or_else(|| {
            let cells = self.other_place(family, record, (household, at), address);
            record.places.push(((household, at), cells));
            record.places.len() - 1
        });
        out.push_str(&record.master);
        out.push_str(&record.places[known].1);
    }

    /// A further address of the record, with those of its errors that concern addresses.
    fn other_place(
        &self,
        family: &Family,
        record: &Record,
        (household, at): (u8, usize),
        address: Address,
    ) -> String {
        let part = self.dataset() as u32 | (u32::from(household) << 8) | ((at as u32) << 16);
        let id = family.id << 8 | u64::from(record.person);
        let mut draw = Draw::new(self.seed, Purpose::Place, part, id);
        let mut place = Place::clean(self.land.tables, &address, &self.convention, &mut draw);
        let mut master =
            Master::clean(family.person(record.person), &self.convention, self.cutoff, &mut draw);
        let scene = self.scene(family, record.person, address, None);
        let of_address =
            [ErrorKind::OldAddress, ErrorKind::Postcode, ErrorKind::Street, ErrorKind::Town];
        for &kind in record.errors.iter().filter(|kind| of_address.contains(kind)) {
            scene.strike(kind, &mut draw, &mut master, &mut place);
        }
        self.place_cells(&place)
    }

    fn cells<const N: usize>(&self, cells: [&str; N]) -> String {
        let mut text = String::new();
        for cell in cells {
            push_cell(&mut text, cell, self.convention.delimiter);
            text.push(self.convention.delimiter);
        }
        text
    }

    fn master_cells(&self, master: &Master) -> String {
        let Master { surname, birth_name, given, birth, sex } = master;
        self.cells([surname, birth_name, given, birth, sex])
    }

    fn place_cells(&self, place: &Place) -> String {
        let Place { street, number, postcode, town, ags, area } = place;
        self.cells([street, number, postcode, town, ags, area])
    }

    /// Replaces the identifying cells by ones that no department may accept.
    pub(super) fn ruin(&self, family: &Family, record: &mut Record, without_name: bool) {
        let mut draw = self.stream(family.id << 8 | u64::from(record.person));
        let person = family.person(record.person);
        let mut master = Master::clean(person, &self.convention, self.cutoff, &mut draw);
        if without_name {
            master.surname.clear();
            master.given.clear();
        } else {
            master.birth = format!("31.02.{}", person.birth.year);
        }
        record.master = self.master_cells(&master);
    }
}
