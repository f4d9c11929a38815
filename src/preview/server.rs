//! The live page's door: HTTP on one side, questions and answers on the other.
//!
//! Enters: requests. Leaves: what the answering function says, each with headers that let a browser load nothing from
//! elsewhere and run nothing but the page's own script. Invariants: the guard is asked before anything else; no path of a
//! request reaches the disk; an answer that panics is an answer, not the end of the server.

use std::io::{self, Read};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use oxhttp::model::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use oxhttp::model::{Body, Request as HttpRequest, Response};
use oxhttp::{ListeningServer, Server};

use super::guard::{BODY_MAX, Guard, Request};

/// What a page may load and do.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// Connections at a time.
const CONNECTIONS: usize = 64;
/// How long a connection may be silent.
const SILENCE: Duration = Duration::from_mins(2);

/// An admitted question.
pub struct Question {
    /// The path behind the token, of letters, digits, `-`, `_`, `.` and single `/`.
    pub path: String,
    /// What stands behind `?`, undecoded.
    pub query: String,
    /// What was sent; `None` of a question that sends nothing.
    pub sent: Option<Vec<u8>>,
}

/// An answer.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Media type.
    pub kind: &'static str,
    /// The content.
    pub content: Vec<u8>,
}

impl Answer {
    /// An answer of this kind.
    pub fn new(kind: &'static str, content: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, kind, content: content.into() }
    }

    /// A refusal in words.
    pub fn refused(status: u16, words: &str) -> Self {
        Self { status, kind: "text/plain; charset=utf-8", content: words.as_bytes().to_vec() }
    }
}

/// Serves until the process ends.
///
/// # Errors
/// An address that cannot be listened at.
pub fn serve(
    address: SocketAddr,
    guard: Guard,
    answer: impl Fn(Question) -> Answer + Send + Sync + 'static,
) -> io::Result<ListeningServer> {
    Server::new(move |request| {
        let answered = catch_unwind(AssertUnwindSafe(|| match admitted(&guard, request) {
            Ok(question) => answer(question),
            Err(refused) => refused,
        }));
        respond(answered.unwrap_or_else(|_| Answer::refused(500, "an internal fault; the terminal may say more")))
    })
    .bind(address)
    .with_max_concurrent_connections(CONNECTIONS)
    .with_global_timeout(SILENCE)
    .spawn()
}

fn admitted(guard: &Guard, request: &mut HttpRequest<Body>) -> Result<Question, Answer> {
    let header = |name: &HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let said = Request {
        method: request.method().as_str(),
        path: request.uri().path(),
        host: header(&HOST).unwrap_or_default(),
        authority: request.uri().authority().map_or("", |authority| authority.as_str()),
        origin: header(&ORIGIN),
        fetch_site: header(&HeaderName::from_static("sec-fetch-site")),
    };
    let admitted = guard.admit(&said).map_err(|refusal| {
        let (status, words) = refusal.answer();
        Answer::refused(status, words)
    })?;
    let (path, query) = (admitted.path.to_owned(), request.uri().query().unwrap_or_default().to_owned());
    let post = admitted.post;
    let mut sent = None;
    if post {
        let mut body = Vec::new();
        let read = request.body_mut().take(BODY_MAX + 1).read_to_end(&mut body);
        if read.is_err() || body.len() as u64 > BODY_MAX {
            return Err(Answer::refused(413, "too much was sent"));
        }
        sent = Some(body);
    }
    Ok(Question { path, query, sent })
}

fn respond(answer: Answer) -> Response<Body> {
    Response::builder()
        .status(answer.status)
        .header(CONTENT_TYPE, answer.kind)
        .header(CONTENT_SECURITY_POLICY, POLICY)
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(REFERRER_POLICY, "no-referrer")
        .header(CACHE_CONTROL, "no-store")
        .header(HeaderName::from_static("cross-origin-resource-policy"), "same-origin")
        .header(HeaderName::from_static("cross-origin-opener-policy"), "same-origin")
        .body(Body::from(answer.content))
        .expect("fixed headers are valid")
}
