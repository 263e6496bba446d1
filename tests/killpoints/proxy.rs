//! [`Proxy`]: stands between a run and the sandbox, counts the calls, and stops at one.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Which call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    /// The k-th of the run, from 1.
    Number(usize),
    /// The n-th of this operation, from 1: the same from run to run.
    Operation(String, usize),
}

/// Which side of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// AWS never gets it.
    Before,
    /// AWS carried it out; the answer never comes.
    After,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Side::Before => "before",
            Side::After => "after",
        })
    }
}

/// A call and a side of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trap {
    pub at: At,
    pub side: Side,
}

/// A proxy of one run. The caller kills the run once the trap has sprung; until
/// then nothing more is passed on in either direction.
pub struct Proxy {
    pub url: String,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

struct Shared {
    upstream: SocketAddr,
    trap: Option<Trap>,
    calls: Mutex<Calls>,
    sprung: watch::Sender<bool>,
    /// Calls passed on and not yet answered.
    running: watch::Sender<usize>,
}

#[derive(Default)]
struct Calls {
    made: Vec<String>,
    counts: BTreeMap<String, usize>,
    /// The call at which the trap sprang, such as `ec2:RunInstances#1`.
    hit: Option<String>,
}

/// What becomes of a call.
enum Fate {
    Pass,
    /// Passed on, but not answered.
    Half,
    Stop,
}

impl Proxy {
    pub async fn start(upstream: &str, trap: Option<Trap>) -> Self {
        let upstream = upstream.strip_prefix("http://").expect("plain HTTP").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            upstream,
            trap,
            calls: Mutex::default(),
            sprung: watch::Sender::new(false),
            running: watch::Sender::new(0),
        });
        let for_each = shared.clone();
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let shared = for_each.clone();
                // Ends with an error where either side closes the connection.
                tokio::spawn(async move { shared.serve(client).await });
            }
        });
        Self { url, shared, listening }
    }

    /// Returns once the trap has sprung.
    pub async fn sprung(&self) {
        let mut sprung = self.shared.sprung.subscribe();
        sprung.wait_for(|sprung| *sprung).await.expect("the sender lives");
    }

    /// Returns once AWS has carried out everything that was passed on.
    pub async fn quiet(&self) {
        let mut running = self.shared.running.subscribe();
        running.wait_for(|running| *running == 0).await.expect("the sender lives");
    }

    /// The call at which the trap sprang.
    pub fn hit(&self) -> Option<String> {
        self.shared.calls().hit.clone()
    }

    /// The operations called, in order.
    pub fn made(&self) -> Vec<String> {
        self.shared.calls().made.clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Shared {
    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap()
    }

    async fn serve(&self, client: TcpStream) -> std::io::Result<()> {
        client.set_nodelay(true)?;
        let mut client = Wire::new(client);
        let upstream = TcpStream::connect(self.upstream).await?;
        upstream.set_nodelay(true)?;
        let mut upstream = Wire::new(upstream);
        loop {
            let request = client.message(false).await?;
            let fate = self.fate(&operation(&request));
            if matches!(fate, Fate::Stop) {
                return client.hold().await;
            }
            let answer = upstream.ask(&request).await;
            self.running.send_modify(|running| *running -= 1);
            if matches!(fate, Fate::Half) {
                self.sprung.send_replace(true);
            }
            if *self.sprung.borrow() {
                return client.hold().await;
            }
            client.0.write_all(&answer?.bytes).await?;
        }
    }

    fn fate(&self, operation: &str) -> Fate {
        let mut calls = self.calls();
        if *self.sprung.borrow() {
            return Fate::Stop;
        }
        calls.made.push(operation.to_owned());
        let number = calls.made.len();
        let count = calls.counts.entry(operation.to_owned()).or_default();
        *count += 1;
        let count = *count;
        let trap = self.trap.as_ref().filter(|trap| match &trap.at {
            At::Number(k) => *k == number,
            At::Operation(name, n) => name == operation && *n == count,
        });
        let fate = match trap.map(|trap| trap.side) {
            None => Fate::Pass,
            Some(Side::Before) => Fate::Stop,
            Some(Side::After) => Fate::Half,
        };
        if trap.is_some() {
            calls.hit = Some(format!("{operation}#{count}"));
        }
        match fate {
            Fate::Stop => drop(self.sprung.send_replace(true)),
            _ => self.running.send_modify(|running| *running += 1),
        }
        fate
    }
}

/// A connection that carries whole messages.
struct Wire(TcpStream);

/// One request or answer, head and body as they came.
struct Message {
    /// The first line.
    start: String,
    /// Names in small letters.
    headers: BTreeMap<String, String>,
    bytes: Vec<u8>,
    body_at: usize,
}

impl Wire {
    fn new(stream: TcpStream) -> Self {
        Self(stream)
    }

    async fn ask(&mut self, request: &Message) -> std::io::Result<Message> {
        self.0.write_all(&request.bytes).await?;
        self.message(request.start.starts_with("HEAD ")).await
    }

    /// Says nothing more; the caller is about to be killed, which closes the connection.
    async fn hold(&mut self) -> std::io::Result<()> {
        self.0.read_to_end(&mut Vec::new()).await.map(drop)
    }

    /// The next message; who sends one waits for the answer, so nothing follows it.
    async fn message(&mut self, is_head: bool) -> std::io::Result<Message> {
        let mut bytes = Vec::with_capacity(4096);
        let body_at = loop {
            if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            if self.0.read_buf(&mut bytes).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        };
        let head = String::from_utf8_lossy(&bytes[..body_at]).into_owned();
        let mut lines = head.lines();
        let start = lines.next().unwrap_or_default().to_owned();
        let headers: BTreeMap<_, _> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        // What neither the SDK nor the sandbox does is not understood here.
        if headers.contains_key("transfer-encoding") || headers.contains_key("expect") {
            return Err(Error::other(format!("the proxy does not speak this: {head}")));
        }
        let length = headers.get("content-length").and_then(|l| l.parse().ok());
        let length: usize = if is_head { 0 } else { length.unwrap_or(0) };
        while bytes.len() < body_at + length {
            if self.0.read_buf(&mut bytes).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(Message { start, headers, bytes, body_at })
    }
}

/// The operation as `service:Name`; for REST protocols method and path take the name's place,
/// without what differs from account to account.
fn operation(request: &Message) -> String {
    let signed = request.headers.get("authorization").map_or("", String::as_str);
    // Credential=KEY/DATE/REGION/SERVICE/aws4_request
    let service = signed.split('/').nth(3).unwrap_or("unsigned");
    if let Some(target) = request.headers.get("x-amz-target") {
        return format!("{service}:{}", target.rsplit('.').next().unwrap_or(target));
    }
    let body = String::from_utf8_lossy(&request.bytes[request.body_at..]);
    if let Some(action) = body.split('&').find_map(|field| field.strip_prefix("Action=")) {
        return format!("{service}:{action}");
    }
    let mut words = request.start.split(' ');
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let fixed = |part: &&str| part.chars().all(|c| c.is_ascii_lowercase()) && service != "s3";
    let path: Vec<_> = path
        .split('/')
        .map(
            |part| if part.is_empty() || fixed(&part) || part == "2013-04-01" { part } else { "*" },
        )
        .collect();
    let keys = query.split('&').filter_map(|field| field.split('=').next());
    let keys: Vec<_> = keys.filter(|key| !key.is_empty() && *key != "x-id").collect();
    let query = if keys.is_empty() { String::new() } else { format!("?{}", keys.join("&")) };
    format!("{service}:{method} {}{query}", path.join("/"))
}
