//! How operator, custodian, analyst and officer talk to a unit.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use submission::Problem;
use thiserror::Error;
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use zeroize::Zeroizing;

/// Largest answer that is read.
const LARGEST: u64 = 1 << 30;

/// How long one waits for a connection and for the whole answer.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(600));
/// The same between units.
const UNIT_PATIENCE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(5));

/// Somebody at one unit. Blocking.
pub struct Client {
    agent: ureq::Agent,
    base: String,
    token: Option<Zeroizing<String>>,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The unit refused; the problem says what to do.
    #[error("{}: {}", .0.title, .0.detail)]
    Refused(Box<Problem>),
    /// A token would travel in clear.
    #[error(
        "{url}: a token goes over https:// only (http:// to this machine alone, nothing before an \
         @); write the address of the proxy that ends TLS"
    )]
    PlainHttp {
        /// The address.
        url: String,
    },
    /// The authority's certificate cannot be read.
    #[error("the authority's certificate is not PEM; name the file that the unit's operator gave")]
    Authority,
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
    /// A caller with a token at the unit behind `base`, such as `http://127.0.0.1:8701`, whose
    /// certificate a public authority vouches for.
    ///
    /// # Errors
    /// [`ClientError::PlainHttp`].
    pub fn new(base: &str, token: Zeroizing<String>) -> Result<Self, ClientError> {
        Self::open(base, Some(token), RootCerts::WebPki, PATIENCE)
    }

    /// A caller at a unit whose certificate the authority in `pem` vouches for, and no other.
    ///
    /// # Errors
    /// [`ClientError::PlainHttp`] or [`ClientError::Authority`].
    pub fn with_authority(
        base: &str,
        token: Zeroizing<String>,
        pem: &[u8],
    ) -> Result<Self, ClientError> {
        Self::open(base, Some(token), authority(pem)?, PATIENCE)
    }

    /// A reader of what is public, without a token.
    ///
    /// # Errors
    /// [`ClientError::PlainHttp`]: numbers that somebody changed on the way are of no use.
    pub(crate) fn of_a_reader(base: &str) -> Result<Self, ClientError> {
        Self::open(base, None, RootCerts::WebPki, PATIENCE)
    }

    /// A unit at the other one, which it speaks to in messages that are signed: nobody's token
    /// travels. It does not wait long, because charges wait for it.
    ///
    /// # Errors
    /// [`ClientError::PlainHttp`] or [`ClientError::Authority`].
    pub(crate) fn of_a_unit(base: &str, pem: Option<&[u8]>) -> Result<Self, ClientError> {
        let roots = pem.map_or(Ok(RootCerts::WebPki), authority)?;
        Self::open(base, None, roots, UNIT_PATIENCE)
    }

    fn open(
        base: &str,
        token: Option<Zeroizing<String>>,
        roots: RootCerts,
        (connect, whole): (Duration, Duration),
    ) -> Result<Self, ClientError> {
        if !keeps_tokens(base) {
            return Err(ClientError::PlainHttp { url: without_user(base) });
        }
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // A unit never redirects; whoever does must not be handed the token.
            .max_redirects(0)
            // No setting comes from the environment, least of all a stranger on the way.
            .proxy(None)
            .timeout_connect(Some(connect))
            .timeout_global(Some(whole))
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build();
        Ok(Self { agent: config.into(), base: base.trim_end_matches('/').to_owned(), token })
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
        let mut request = self.agent.get(&url);
        if let Some(bearer) = self.bearer() {
            request = request.header("authorization", bearer.as_str());
        }
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
        let mut request = self.agent.post(&url).header("content-type", "application/json");
        if let Some(bearer) = self.bearer() {
            request = request.header("authorization", bearer.as_str());
        }
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
        let mut request = self.agent.put(&url).header("content-type", "application/json");
        if let Some(bearer) = self.bearer() {
            request = request.header("authorization", bearer.as_str());
        }
        self.answer(&url, request.send(json(body))).map(drop)
    }

    /// Deletes what is at `path` and reads what became of it.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        let url = format!("{}{path}", self.base);
        let mut request = self.agent.delete(&url);
        if let Some(bearer) = self.bearer() {
            request = request.header("authorization", bearer.as_str());
        }
        self.read(path, &self.answer(&url, request.call())?)
    }

    fn bearer(&self) -> Option<Zeroizing<String>> {
        let token = self.token.as_ref()?;
        Some(Zeroizing::new(format!("Bearer {}", token.as_str())))
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

fn authority(pem: &[u8]) -> Result<RootCerts, ClientError> {
    let certificate = Certificate::from_pem(pem).map_err(|_| ClientError::Authority)?;
    Ok(RootCerts::Specific(Arc::new(vec![certificate])))
}

fn json<B: Serialize>(body: &B) -> Vec<u8> {
    // The wire types have a JSON form; an empty body is refused with a clear problem.
    serde_json::to_vec(body).unwrap_or_default()
}

/// Whether a bearer token may go there: over TLS, or without leaving the machine.
fn keeps_tokens(base: &str) -> bool {
    let Ok(uri) = base.parse::<Uri>() else { return false };
    if uri.authority().is_none_or(|own| own.as_str().contains('@')) {
        return false;
    }
    let host = uri.host().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let here = host == "localhost" || address.is_ok_and(|own| own.is_loopback());
    match uri.scheme_str() {
        Some("https") => true,
        Some("http") => here,
        _ => false,
    }
}

/// An address as it may be shown: what stands before an `@` may be a password.
fn without_user(base: &str) -> String {
    base.rsplit_once('@').map_or(base, |(_, rest)| rest).to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    fn open(base: &str) -> Result<Client, ClientError> {
        Client::new(base, Zeroizing::new("token".into()))
    }

    #[test]
    fn a_token_leaves_the_machine_over_tls_only() {
        for good in [
            "https://unit.example",
            "https://10.0.0.1:8443/behind",
            "http://127.0.0.1:8701",
            "http://127.0.0.9",
            "http://[::1]:8701/",
            "http://localhost:1",
        ] {
            assert!(open(good).is_ok(), "{good}");
        }
        for bad in [
            "http://unit.example",
            "http://10.0.0.1:8701",
            "http://127.0.0.1.example",
            "http://localhost.example",
            "http://localhost@unit.example",
            "http://127.0.0.1:80@unit.example",
            "http://[::2]:8701",
            "ftp://127.0.0.1",
            "127.0.0.1:8701",
            "",
        ] {
            assert!(matches!(open(bad), Err(ClientError::PlainHttp { .. })), "{bad}");
        }
    }

    #[test]
    fn what_may_be_a_password_is_not_shown() {
        let error = open("https://anna:sesame@unit.example").err().map(|e| e.to_string());
        let text = error.unwrap_or_default();
        assert!(text.contains("unit.example") && !text.contains("sesame"), "{text}");
    }

    #[test]
    fn a_redirect_is_not_followed() {
        let unit = TcpListener::bind("127.0.0.1:0").unwrap();
        let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
        elsewhere.set_nonblocking(true).unwrap();
        let target = elsewhere.local_addr().unwrap();
        let base = format!("http://{}", unit.local_addr().unwrap());
        let answering = std::thread::spawn(move || {
            let (mut caller, _) = unit.accept().unwrap();
            let mut request = [0; 4096];
            let read = caller.read(&mut request).unwrap();
            let answer = format!(
                "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{target}/\r\n\
                 content-length: 0\r\nconnection: close\r\n\r\n"
            );
            caller.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&request[..read]).into_owned()
        });
        let answer = open(&base).unwrap().get_bytes("/v1/log");
        assert!(matches!(answer, Err(ClientError::Foreign { status: 307, .. })));
        assert!(answering.join().unwrap().contains("Bearer token"));
        assert!(elsewhere.accept().is_err(), "somebody called");
    }

    #[test]
    fn an_authority_that_is_no_certificate_is_refused() {
        let token = Zeroizing::new("token".into());
        let opened = Client::with_authority("https://unit.example", token, b"nonsense");
        assert!(matches!(opened, Err(ClientError::Authority)));
    }
}
