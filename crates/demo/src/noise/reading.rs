//! What a reader of a release sees, and nothing else.

use anyhow::{Context, bail};
use serde::Deserialize;

use super::frontier;
use super::law::Law;

/// The parts of a release that the audit reads (`docs/formats/release.md`).
#[derive(Clone, Deserialize)]
pub(crate) struct Document {
    format: String,
    mechanism: String,
    pub(crate) cells: Vec<Cell>,
    pub(crate) noise: Vec<Noise>,
    pub(crate) rho_nano: u64,
    delta_conv_femto: u64,
    pub(crate) eps: f64,
    pub(crate) half_width: HalfWidth,
    guarantee: Guarantee,
}

/// A cell.
#[derive(Clone, Deserialize)]
pub(crate) struct Cell {
    pub(crate) keys: Vec<String>,
    pub(crate) value: Option<f64>,
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
}

/// The noise of one vector.
#[derive(Clone, Deserialize)]
pub(crate) struct Noise {
    sigma: Option<f64>,
    scale: Option<f64>,
    pub(crate) half_width: u64,
    sensitivity: Sensitivity,
}

/// What one person changes, as stated.
#[derive(Clone, Copy, Deserialize)]
struct Sensitivity {
    l1: u64,
    l2_squared: u64,
}

/// The half-width told beforehand.
#[derive(Clone, Deserialize)]
pub(crate) struct HalfWidth {
    pub(crate) half_width: Option<f64>,
}

#[derive(Clone, Deserialize)]
struct Guarantee {
    losses_rho_nano: Losses,
}

/// What a release says that a change may cost, in 1e-9 rho.
#[derive(Clone, Copy, Deserialize)]
pub(crate) struct Losses {
    pub(crate) person: u64,
    pub(crate) record: u64,
}

impl Document {
    /// Reads the bytes of a release.
    pub(crate) fn read(bytes: &[u8]) -> anyhow::Result<Self> {
        let own: Self = serde_json::from_slice(bytes).context("the answer is no release")?;
        if own.format != "milchglas/release/v1" || own.noise.is_empty() {
            bail!("the answer is a release of another format");
        }
        Ok(own)
    }

    /// The stated law of the noise of a vector.
    pub(crate) fn law(&self, vector: usize) -> anyhow::Result<Law> {
        let noise = self.noise.get(vector).context("the release has fewer vectors")?;
        let parameter = noise.sigma.or(noise.scale).context("the noise has no parameter")?;
        Law::of(&self.mechanism, parameter)
    }

    /// The rho that the stated noise costs at the stated sensitivities.
    ///
    /// A discrete Gaussian costs Δ2² / (2·sigma²); a discrete Laplace is Δ1/scale-DP and so costs half
    /// of its square. (Bun and Steinke 2016, "Concentrated Differential Privacy", propositions 1.6
    /// and 1.4.)
    pub(crate) fn rho_of_noise(&self) -> anyhow::Result<f64> {
        let of = |(vector, noise): (usize, &Noise)| {
            let law = self.law(vector)?;
            let change = match law {
                Law::Gaussian { .. } => noise.sensitivity.l2_squared as f64,
                Law::Laplace { .. } => (noise.sensitivity.l1 as f64).powi(2),
            };
            Ok(change / (2.0 * law.parameter().powi(2)))
        };
        self.noise.iter().enumerate().map(of).sum()
    }

    /// The public delta at which epsilon is shown.
    pub(crate) fn delta_conv(&self) -> f64 {
        self.delta_conv_femto as f64 / 1e15
    }

    /// The stated losses.
    pub(crate) fn losses(&self) -> Losses {
        self.guarantee.losses_rho_nano
    }

    /// The same document with a false statement: half of the noise is passed off as all of it.
    pub(crate) fn claiming_twice_the_noise(mut self) -> Self {
        for noise in &mut self.noise {
            noise.sigma = noise.sigma.map(|own| own * 2.0);
            noise.scale = noise.scale.map(|own| own * 2.0);
        }
        let losses = &mut self.guarantee.losses_rho_nano;
        (losses.person, losses.record) = (losses.person / 4, losses.record / 4);
        self.rho_nano /= 4;
        let delta = self.delta_conv();
        self.eps = frontier::epsilon(self.rho_nano as f64 / 1e9, delta);
        self
    }
}
