//! The dirt: what goes wrong in a person's record, and how often.

use super::cells::{Master, Place};
use super::conventions::Convention;
use super::draw::Draw;
use super::dwelling::{Destinations, Streets};
use super::people::{Address, Person};
use super::spelling;
use super::tables::Tables;
use super::{calendar::Month, conventions::SexCode};

/// A kind of error in a record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ErrorKind {
    /// A neighbouring key in a name or street.
    Keyboard,
    /// Characters that text recognition confuses.
    Recognition,
    /// Two letters transposed.
    Transposed,
    /// A letter missing.
    Missing,
    /// Umlaut, sharp s or another special letter written otherwise.
    Umlaut,
    /// Short or variant form of the given name.
    ShortGiven,
    /// Second given name left out.
    SecondGiven,
    /// Given names in another order.
    GivenOrder,
    /// The surname from before the wedding.
    OldSurname,
    /// One half of a double name.
    HalfSurname,
    /// Day and month of birth swapped.
    DayMonth,
    /// Birth on 1 January because only the year is known.
    NewYear,
    /// Birth on `00.00.` because only the year is known.
    ZeroDay,
    /// No date of birth.
    NoBirth,
    /// A wrong digit in the date of birth.
    Digit,
    /// An address of before a move.
    OldAddress,
    /// Two digits of the postcode transposed.
    Postcode,
    /// A street shortened beyond the department's habit.
    Street,
    /// No sex.
    NoSex,
    /// Sex in another department's code.
    OtherSex,
    /// A town abbreviated so that no alias table has it.
    Town,
}

/// A line of the table of errors.
pub struct Share {
    /// The kind.
    pub kind: ErrorKind,
    /// Intended share among all errors, per mille.
    pub per_mille: u32,
    /// How often the kind is tried: its share over the share of records it can happen to.
    weight: u32,
}

const fn share(kind: ErrorKind, per_mille: u32, weight: u32) -> Share {
    Share { kind, per_mille, weight }
}

/// Share of each kind among all errors; adds up to 1000. The second number makes up for records
/// to which a kind cannot happen and was set by measuring.
pub const SHARES: [Share; 21] = [
    share(ErrorKind::Keyboard, 90, 757),
    share(ErrorKind::Recognition, 40, 350),
    share(ErrorKind::Transposed, 50, 436),
    share(ErrorKind::Missing, 60, 479),
    share(ErrorKind::Umlaut, 90, 1830),
    share(ErrorKind::ShortGiven, 60, 8825),
    share(ErrorKind::SecondGiven, 90, 3949),
    share(ErrorKind::GivenOrder, 20, 813),
    share(ErrorKind::OldSurname, 60, 8202),
    share(ErrorKind::HalfSurname, 5, 20000),
    share(ErrorKind::DayMonth, 30, 756),
    share(ErrorKind::NewYear, 25, 205),
    share(ErrorKind::ZeroDay, 15, 124),
    share(ErrorKind::NoBirth, 20, 163),
    share(ErrorKind::Digit, 60, 486),
    share(ErrorKind::OldAddress, 135, 1172),
    share(ErrorKind::Postcode, 25, 200),
    share(ErrorKind::Street, 60, 606),
    share(ErrorKind::NoSex, 20, 159),
    share(ErrorKind::OtherSex, 20, 234),
    share(ErrorKind::Town, 25, 207),
];

/// Share of dirty records with a second and with a third error, per mille.
const FURTHER: [u32; 2] = [220, 180];

/// What an error can draw on.
pub(super) struct Scene<'a> {
    pub(super) tables: &'a Tables,
    pub(super) streets: &'a Streets,
    pub(super) destinations: &'a Destinations,
    pub(super) convention: &'a Convention,
    pub(super) person: &'a Person,
    pub(super) address: Address,
    /// Where the person lived before, if within the window.
    pub(super) former: Option<Address>,
    pub(super) cutoff: Month,
}

/// Kinds of the errors of one record, none twice.
pub(super) type Errors = Vec<ErrorKind>;

impl Scene<'_> {
    /// Spoils a record with one to three errors and tells which.
    pub(super) fn spoil(&self, draw: &mut Draw, master: &mut Master, place: &mut Place) -> Errors {
        let wanted = 1 + FURTHER.iter().take_while(|&&share| draw.per_mille(share)).count();
        let weights = SHARES.iter().map(|share| share.weight).sum();
        let mut errors = Errors::with_capacity(wanted);
        for _ in 0..60 {
            let mut rest = draw.below(weights);
            let line = SHARES.iter().find(|share| {
                let here = rest < share.weight;
                rest = rest.saturating_sub(share.weight);
                here
            });
            let Some(kind) = line.map(|share| share.kind) else { break };
            if !errors.contains(&kind) && self.strike(kind, draw, master, place) {
                errors.push(kind);
            }
            if errors.len() == wanted {
                break;
            }
        }
        errors
    }

    /// Makes one error. Returns whether anything changed: not everything can happen to everybody.
    pub(super) fn strike(
        &self,
        kind: ErrorKind,
        draw: &mut Draw,
        master: &mut Master,
        place: &mut Place,
    ) -> bool {
        use ErrorKind as K;
        let (master_before, place_before) = (master.clone(), place.clone());
        match kind {
            K::Keyboard | K::Recognition | K::Transposed | K::Missing => {
                let cell = match draw.below(100) {
                    ..45 => &mut master.surname,
                    45..84 => &mut master.given,
                    _ => &mut place.street,
                };
                *cell = match kind {
                    K::Keyboard => spelling::neighbour_key(draw, cell),
                    K::Recognition => spelling::misread(draw, cell, &self.tables.ocr),
                    K::Transposed => spelling::transposed(draw, cell),
                    _ => spelling::without_a_letter(draw, cell),
                };
            }
            K::Umlaut => {
                let cells = [&mut master.surname, &mut master.given, &mut place.street];
                let mut special = cells.into_iter().filter(|cell| spelling::has_special(cell));
                if let Some(cell) = special.next() {
                    *cell = spelling::without_special(draw, cell);
                }
            }
            K::ShortGiven => self.shorten_given(draw, master),
            K::SecondGiven => {
                if let [first, _, ..] = self.person.given[..] {
                    master.given = first.to_owned();
                }
            }
            K::GivenOrder => {
                if let [first, second, rest @ ..] = &self.person.given[..] {
                    let mut names = vec![*second, *first];
                    names.extend(rest);
                    master.given = names.join(" ");
                }
            }
            K::OldSurname | K::HalfSurname => self.other_surname(kind, draw, master),
            K::DayMonth | K::NewYear | K::ZeroDay | K::NoBirth | K::Digit => {
                self.other_birth(kind, draw, master);
            }
            K::OldAddress => {
                let address = self.former.unwrap_or_else(|| self.earlier_address(draw));
                *place = Place::clean(self.tables, &address, self.convention, draw);
            }
            K::Postcode => place.postcode = spelling::transposed_digits(draw, &place.postcode),
            K::Street => place.street = spelling::shortened_street(&place.street),
            K::NoSex => master.sex.clear(),
            K::OtherSex => {
                let code = draw.among([SexCode::Letter, SexCode::Digit, SexCode::Word]);
                master.sex = code.of(self.person.sex).to_owned();
            }
            K::Town => {
                let kept = if draw.per_mille(500) { 4 } else { 5 };
                place.town = format!("{}.", place.town.chars().take(kept).collect::<String>());
            }
        }
        *master != master_before || *place != place_before
    }

    fn shorten_given(&self, draw: &mut Draw, master: &mut Master) {
        let Some(first) = self.person.given.first() else { return };
        let forms = self.tables.short_forms.iter().filter(|(name, _)| name == first);
        let mut forms: Vec<String> = forms.map(|(_, short)| (*short).to_owned()).collect();
        if let Some((one, other)) = first.split_once('-') {
            forms.extend([
                one.to_owned(),
                format!("{one} {other}"),
                format!("{one}{}", other.to_lowercase()),
            ]);
        }
        if let Some(form) = draw.one(&forms) {
            master.given = master.given.replacen(first, form, 1);
        }
    }

    fn other_surname(&self, kind: ErrorKind, draw: &mut Draw, master: &mut Master) {
        let now = self.person.surname_at(self.cutoff);
        if kind == ErrorKind::OldSurname {
            if now != self.person.birth_name {
                master.surname = self.person.birth_name.written();
                master.birth_name.clear();
            }
        } else if let Some(second) = now.second {
            let half = if draw.per_mille(600) { now.first } else { second };
            master.surname = half.to_owned();
        }
    }

    fn other_birth(&self, kind: ErrorKind, draw: &mut Draw, master: &mut Master) {
        let birth = self.person.birth;
        master.birth = match kind {
            ErrorKind::DayMonth if birth.day <= 12 => {
                format!("{:02}.{:02}.{}", birth.month, birth.day, birth.year)
            }
            ErrorKind::DayMonth => return,
            ErrorKind::NewYear => format!("01.01.{}", birth.year),
            ErrorKind::ZeroDay => format!("00.00.{}", birth.year),
            ErrorKind::NoBirth => String::new(),
            _ => wrong_digit(draw, birth),
        };
    }

    fn earlier_address(&self, draw: &mut Draw) -> Address {
        let near = draw.per_mille(600);
        let town = if near { self.address.municipality } else { self.destinations.pick(draw) };
        self.streets.address(self.tables, draw, town)
    }
}

/// A date of birth with one digit changed that is still a date and not in the future.
fn wrong_digit(draw: &mut Draw, birth: super::calendar::Day) -> String {
    let (mut day, mut month, mut year) = (birth.day, birth.month, birth.year);
    match draw.below(10) {
        ..5 => {
            day = if day >= 10 { 10 + (day + 1 + draw.below(8) as u8) % 10 } else { 1 + day % 9 }
        }
        5..7 => month = if month > 9 { 10 + (month - 9) % 3 } else { 1 + month % 9 },
        7..9 => year -= 1 + draw.below(3) as i16,
        _ => year -= 10,
    }
    day = day.min(super::calendar::days_in(year, month));
    format!("{day:02}.{month:02}.{year}")
}
