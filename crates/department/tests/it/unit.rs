//! A unit's upload protocol on loopback, small enough to misbehave on purpose.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use department::Unit;
use policy::Digest;
use ring::rand::SystemRandom;
use submission::{
    Problem, ProblemCode, Receipt, SignedManifest, SignedReceipt, SigningKey, UploadState,
};
use zeroize::Zeroizing;

pub(crate) const TOKEN: &str = "token-of-the-department";

/// What the unit holds and how it is to misbehave.
pub(crate) struct State {
    key: SigningKey,
    batches: BTreeMap<String, (SignedManifest, BTreeMap<u64, Vec<u8>>, Option<SignedReceipt>)>,
    /// So many requests are answered with 503.
    pub(crate) busy: u32,
    /// The connection breaks at this chunk, once.
    pub(crate) break_at: Option<u64>,
    /// Every announcement is refused with this.
    pub(crate) refuse: Option<ProblemCode>,
    /// Requests so far, such as `PUT chunks/0`.
    pub(crate) log: Vec<String>,
}

pub(crate) struct FakeUnit {
    pub(crate) state: Arc<Mutex<State>>,
    port: u16,
}

struct Request {
    method: String,
    path: String,
    authorized: bool,
    body: Vec<u8>,
}

impl FakeUnit {
    pub(crate) fn start() -> Self {
        let pkcs8 = SigningKey::generate(&SystemRandom::new()).unwrap();
        let state = Arc::new(Mutex::new(State {
            key: SigningKey::from_pkcs8(&pkcs8).unwrap(),
            batches: BTreeMap::new(),
            busy: 0,
            break_at: None,
            refuse: None,
            log: Vec::new(),
        }));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                serve(&mut stream.unwrap(), &shared);
            }
        });
        Self { state, port }
    }

    pub(crate) fn unit(&self) -> Unit {
        Unit {
            url: format!("http://127.0.0.1:{}/", self.port),
            public_key: self.state.lock().unwrap().key.public(),
            token: Zeroizing::new(TOKEN.into()),
            authority: None,
        }
    }

    /// Batches that the unit has in full.
    pub(crate) fn completed(&self) -> usize {
        let state = self.state.lock().unwrap();
        state.batches.values().filter(|(_, _, receipt)| receipt.is_some()).count()
    }

    /// The manifests of these batches, in no particular order.
    pub(crate) fn manifests(&self) -> Vec<submission::Manifest> {
        let state = self.state.lock().unwrap();
        let complete = state.batches.values().filter(|(_, _, receipt)| receipt.is_some());
        complete.map(|(signed, _, _)| signed.manifest.clone()).collect()
    }

    pub(crate) fn log(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().log)
    }
}

fn serve(stream: &mut TcpStream, state: &Mutex<State>) {
    let request = read(stream);
    let mut state = state.lock().unwrap();
    let Some((status, body)) = answer(&request, &mut state) else { return };
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body).unwrap();
}

fn read(stream: &mut TcpStream) -> Request {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let mut words = line.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let (mut length, mut authorized) = (0, false);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let header = header.trim();
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(": ").unwrap();
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "authorization" => authorized = value == format!("Bearer {TOKEN}"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Request { method, path, authorized, body }
}

fn problem(code: ProblemCode) -> Option<(u16, Vec<u8>)> {
    let problem = Problem::new(code, "what differs");
    Some((problem.status, serde_json::to_vec(&problem).unwrap()))
}

/// `None` breaks the connection.
fn answer(request: &Request, state: &mut State) -> Option<(u16, Vec<u8>)> {
    let parts: Vec<&str> = request.path.trim_start_matches("/v1/batches").split('/').collect();
    state.log.push(format!("{} {}", request.method, parts.get(2..).unwrap_or(&[]).join("/")));
    if !request.authorized {
        return problem(ProblemCode::NotFound);
    }
    if state.busy > 0 {
        state.busy -= 1;
        return problem(ProblemCode::Busy);
    }
    match parts.as_slice() {
        [""] => announce(&request.body, state),
        [_, id, "chunks", index] => {
            let index: u64 = index.parse().unwrap();
            if state.break_at == Some(index) {
                state.break_at = None;
                return None;
            }
            let (manifest, chunks, _) = state.batches.get_mut(*id).unwrap();
            if manifest.manifest.chunks[usize::try_from(index).unwrap()]
                != Digest::of(&request.body)
            {
                return problem(ProblemCode::ChunkAltered);
            }
            chunks.insert(index, request.body.clone());
            Some((204, Vec::new()))
        }
        [_, id, "complete"] => {
            let (manifest, _, receipt) = state.batches.get_mut(*id).unwrap();
            let manifest = &manifest.manifest;
            let signed = SignedReceipt::sign(
                Receipt {
                    format: Receipt::FORMAT.into(),
                    half: manifest.half,
                    project: manifest.project.clone(),
                    batch: manifest.batch,
                    manifest: manifest.digest().unwrap(),
                    received_at: 1_700_000_000,
                },
                &state.key,
            )
            .unwrap();
            *receipt = Some(signed.clone());
            Some((200, serde_json::to_vec(&signed).unwrap()))
        }
        _ => problem(ProblemCode::NotFound),
    }
}

fn announce(body: &[u8], state: &mut State) -> Option<(u16, Vec<u8>)> {
    if let Some(code) = state.refuse {
        return problem(code);
    }
    let signed: SignedManifest = serde_json::from_slice(body).unwrap();
    let id = signed.manifest.batch.to_string();
    let entry = state.batches.entry(id).or_insert((signed.clone(), BTreeMap::new(), None));
    if entry.0 != signed {
        return problem(ProblemCode::BatchAltered);
    }
    let chunks = signed.manifest.chunks.len() as u64;
    let upload = UploadState {
        batch: signed.manifest.batch,
        chunks,
        missing: (0..chunks).filter(|index| !entry.1.contains_key(index)).collect(),
        receipt: entry.2.clone(),
    };
    Some((200, serde_json::to_vec(&upload).unwrap()))
}
