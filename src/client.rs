//! How operator, custodian, analyst and officer talk to a unit.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use submission::Problem;
use thiserror::Error;
use zeroize::Zeroizing;

/// Largest answer that is read.
const LARGEST: u64 = 1 << 30;

/// Somebody at one unit. Blocking.
pub struct Client {
    agent: ureq::Agent,
    base: String,
    token: Zeroizing<String>,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The unit refused; the problem says what to do.
    #[error("{}: {}", .0.title, .0.detail)]
    Refused(Box<Problem>),
    /// There is no way to the unit.
    #[error("cannot reach {url}: {reason}; check address and network")]
    Unreachable {
        /// The address.
        url: String,
        /// What went wrong on the way.
        reason: String,
    },
    /// Something else than a unit answered.
    #[error("{url} did not answer like a unit of this version (status {status})")]
    Foreign {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
    },
}

impl Client {
    /// A caller with a token at the unit behind `base`, such as `http://127.0.0.1:8701`.
    #[must_use]
    pub fn new(base: &str, token: Zeroizing<String>) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_global(Some(Duration::from_secs(600)))
            .build();
        Self { agent: config.into(), base: base.trim_end_matches('/').to_owned(), token }
    }

    /// Asks for what stands at `path`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.read(path, &self.get_bytes(path)?)
    }

    /// Asks for the bytes at `path`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn get_bytes(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        let url = format!("{}{path}", self.base);
        let request = self.agent.get(&url).header("authorization", self.bearer().as_str());
        self.answer(&url, request.call())
    }

    /// Posts `body` to `path`, with further headers.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn post_bytes<B: Serialize>(
        &self,
        path: &str,
        body: &B,
        headers: &[(&str, &str)],
    ) -> Result<Vec<u8>, ClientError> {
        let url = format!("{}{path}", self.base);
        let mut request = self
            .agent
            .post(&url)
            .header("authorization", self.bearer().as_str())
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.answer(&url, request.send(json(body)))
    }

    /// Posts `body` to `path` and reads the JSON answer.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn post<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, ClientError> {
        self.read(path, &self.post_bytes(path, body, &[])?)
    }

    /// Puts `body` at `path`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn put<B: Serialize>(&self, path: &str, body: &B) -> Result<(), ClientError> {
        let url = format!("{}{path}", self.base);
        let request = self
            .agent
            .put(&url)
            .header("authorization", self.bearer().as_str())
            .header("content-type", "application/json");
        self.answer(&url, request.send(json(body))).map(drop)
    }

    fn bearer(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("Bearer {}", self.token.as_str()))
    }

    fn read<T: DeserializeOwned>(&self, path: &str, bytes: &[u8]) -> Result<T, ClientError> {
        let url = format!("{}{path}", self.base);
        serde_json::from_slice(bytes).map_err(|_| ClientError::Foreign { url, status: 200 })
    }

    fn answer(
        &self,
        url: &str,
        result: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Vec<u8>, ClientError> {
        let unreachable = |error: ureq::Error| ClientError::Unreachable {
            url: self.base.clone(),
            reason: error.to_string(),
        };
        let mut response = result.map_err(unreachable)?;
        let status = response.status().as_u16();
        let read = response.body_mut().with_config().limit(LARGEST).read_to_vec();
        let body = read.map_err(unreachable)?;
        if (200..300).contains(&status) {
            return Ok(body);
        }
        match serde_json::from_slice::<Problem>(&body) {
            Ok(problem) => Err(ClientError::Refused(Box::new(problem))),
            Err(_) => Err(ClientError::Foreign { url: url.to_owned(), status }),
        }
    }
}

fn json<B: Serialize>(body: &B) -> Vec<u8> {
    // The wire types have a JSON form; an empty body is refused with a clear problem.
    serde_json::to_vec(body).unwrap_or_default()
}
