//! One unit's upload protocol over HTTP.

use std::io::Read;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde::de::DeserializeOwned;
use submission::{BatchId, Half, Problem, SignedReceipt, UploadState};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, http};
use zeroize::Zeroizing;

use super::{Patience, Unit};
use crate::error::Error;

/// Largest answer that is read, in bytes.
const ANSWER: u64 = 1 << 20;
const JSON: &str = "application/json";
const ARROW: &str = "application/vnd.apache.arrow.stream";

pub(super) struct Client {
    half: Half,
    agent: Agent,
    base: String,
    authorization: Zeroizing<String>,
    patience: Patience,
}

/// Why a request brought no answer.
enum Failure {
    /// Perhaps later.
    Away(String),
    /// Whoever answers cannot show the unit's certificate: trying again changes nothing.
    Certificate(String),
}

/// What a unit answered, in full.
struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl Client {
    pub(super) fn new(half: Half, unit: &Unit, patience: Patience) -> Result<Self, Error> {
        let base = unit.url.trim_end_matches('/').to_owned();
        if !may_be_called(&base) {
            return Err(Error::PlainHttp { half, url: base });
        }
        let roots = match &unit.authority {
            None => RootCerts::WebPki,
            Some(pem) => {
                let certificate = Certificate::from_pem(pem).map_err(|_| Error::Certificate {
                    half,
                    reason: "the authority's certificate is not PEM".into(),
                })?;
                RootCerts::Specific(Arc::new(vec![certificate]))
            }
        };
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            // Not even a proxy is taken from the environment: it would see the token.
            .proxy(None)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_global(Some(patience.timeout))
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build()
            .new_agent();
        let authorization = Zeroizing::new(format!("Bearer {}", unit.token.as_str()));
        Ok(Self { half, agent, base, authorization, patience })
    }

    pub(super) fn announce(&self, manifest: &[u8]) -> Result<UploadState, Error> {
        self.parse(self.send("POST", "/v1/batches", JSON, manifest)?)
    }

    pub(super) fn chunk(&self, batch: BatchId, index: u64, bytes: &[u8]) -> Result<(), Error> {
        let path = format!("/v1/batches/{batch}/chunks/{index}");
        self.accepted(self.send("PUT", &path, ARROW, bytes)?).map(drop)
    }

    pub(super) fn complete(&self, batch: BatchId) -> Result<SignedReceipt, Error> {
        let path = format!("/v1/batches/{batch}/complete");
        self.parse(self.send("POST", &path, JSON, b"{}")?)
    }

    /// Sends until the unit answers anything but "busy", or patience ends.
    fn send(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Result<Answer, Error> {
        let mut wait = self.patience.first_wait;
        let mut last = String::from("no try was permitted");
        for round in 0..self.patience.tries.max(1) {
            if round > 0 {
                thread::sleep(wait);
                wait = (wait * 2).min(Duration::from_secs(60));
            }
            match self.send_once(method, path, kind, body) {
                Ok(answer) if answer.status == 503 => last = "the unit is busy".into(),
                Ok(answer) => return Ok(answer),
                Err(Failure::Away(reason)) => last = reason,
                Err(Failure::Certificate(reason)) => {
                    return Err(Error::Certificate { half: self.half, reason });
                }
            }
        }
        Err(Error::Unreachable { half: self.half, reason: last })
    }

    fn send_once(
        &self,
        method: &str,
        path: &str,
        kind: &str,
        body: &[u8],
    ) -> Result<Answer, Failure> {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("authorization", self.authorization.as_str())
            .header("content-type", kind)
            .header("accept", JSON)
            .body(body)
            .map_err(|_| Failure::Away("the address is not one".into()))?;
        let mut response = self.agent.run(request).map_err(|e| failure(&e))?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        let reader = response.body_mut().as_reader();
        reader
            .take(ANSWER)
            .read_to_end(&mut body)
            .map_err(|e| Failure::Away(e.kind().to_string()))?;
        Ok(Answer { status, body })
    }

    fn accepted(&self, answer: Answer) -> Result<Answer, Error> {
        if (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        match serde_json::from_slice::<Problem>(&answer.body) {
            Ok(problem) => Err(Error::Refused { half: self.half, problem: Box::new(problem) }),
            Err(_) => Err(Error::Answer { half: self.half, status: answer.status }),
        }
    }

    fn parse<T: DeserializeOwned>(&self, answer: Answer) -> Result<T, Error> {
        let answer = self.accepted(answer)?;
        serde_json::from_slice(&answer.body)
            .map_err(|_| Error::Answer { half: self.half, status: answer.status })
    }
}

/// rustls reports a certificate that it does not accept as invalid data.
fn failure(error: &ureq::Error) -> Failure {
    let certificate = match error {
        ureq::Error::Io(cause) => cause.kind() == std::io::ErrorKind::InvalidData,
        ureq::Error::Tls(_) | ureq::Error::Pem(_) | ureq::Error::Rustls(_) => true,
        _ => false,
    };
    let reason = error.to_string();
    if certificate { Failure::Certificate(reason) } else { Failure::Away(reason) }
}

/// A bearer token goes over TLS, or nowhere beyond this machine.
fn may_be_called(base: &str) -> bool {
    if base.starts_with("https://") {
        return true;
    }
    let Some(rest) = base.strip_prefix("http://") else { return false };
    let host = rest.split('/').next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => host,
    };
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::may_be_called;

    #[test]
    fn a_token_leaves_the_machine_over_tls_only() {
        for good in [
            "https://unit.example",
            "http://127.0.0.1:8080",
            "http://localhost/x",
            "http://[::1]:1",
        ] {
            assert!(may_be_called(good), "{good}");
        }
        for bad in [
            "http://unit.example",
            "http://127.0.0.1.example",
            "http://localhost@unit.example",
            "ftp://x",
            "unit.example",
        ] {
            assert!(!may_be_called(bad), "{bad}");
        }
    }
}
