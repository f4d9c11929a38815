//! Who may ask the live page for what.
//!
//! Enters: what a request says of itself. Leaves: what it asks for, or why it gets nothing. Invariants: nothing is answered
//! without the token; a name that is not this machine's is refused, so that no foreign page can point its own name here;
//! whatever changes or sends something must come from the page itself; a path is compared with known ones and is never a
//! path of the disk. Absent on purpose: decoding. No known path needs it, so an encoded one is refused as it stands.

use std::net::{IpAddr, SocketAddr};

use sha2::{Digest, Sha256};

/// Bytes that a request may send.
pub const BODY_MAX: u64 = 64 * 1024;

/// Decides about requests.
pub struct Guard {
    token: [u8; 32],
    port: u16,
    loopback_only: bool,
}

/// What a request says of itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// `GET`, `POST`, …
    pub method: &'a str,
    /// The path, as it was sent.
    pub path: &'a str,
    /// The header `Host`.
    pub host: &'a str,
    /// The host in the request's target, where it has one, else `Host`.
    pub authority: &'a str,
    /// The header `Origin`.
    pub origin: Option<&'a str>,
    /// The header `Sec-Fetch-Site`.
    pub fetch_site: Option<&'a str>,
}

/// Why a request gets nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It names another host.
    ForeignHost,
    /// It comes from another site.
    ForeignOrigin,
    /// Its path is not plain.
    Path,
    /// It has no token, or another one; it is not told what there would be.
    Token,
    /// It is neither a `GET` nor a `POST`.
    Method,
}

impl Refusal {
    /// The status of the answer, and what it says.
    pub const fn answer(self) -> (u16, &'static str) {
        match self {
            Self::ForeignHost => (421, "this host is not served here"),
            Self::ForeignOrigin => (403, "requests of other sites are refused"),
            Self::Path => (400, "this path is not plain"),
            Self::Token => (404, "not found"),
            Self::Method => (405, "only GET and POST are answered"),
        }
    }
}

/// What an admitted request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admitted<'a> {
    /// The path behind the token, without a slash at its start.
    pub path: &'a str,
    /// Whether it sends something.
    pub post: bool,
}

impl Guard {
    /// Guards a server at this address.
    pub fn new(token: &str, address: SocketAddr) -> Self {
        Self { token: Sha256::digest(token).into(), port: address.port(), loopback_only: address.ip().is_loopback() }
    }

    /// Lets a request in, or not.
    ///
    /// # Errors
    /// Why not.
    pub fn admit<'a>(&self, request: &Request<'a>) -> Result<Admitted<'a>, Refusal> {
        if !self.is_ours(request.host) || !self.is_ours(request.authority) {
            return Err(Refusal::ForeignHost);
        }
        if request.fetch_site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
            return Err(Refusal::ForeignOrigin);
        }
        let post = match request.method {
            "GET" => false,
            "POST" => true,
            _ => return Err(Refusal::Method),
        };
        let own = format!("http://{}", request.host);
        match request.origin {
            Some(origin) if origin != own => return Err(Refusal::ForeignOrigin),
            None if post => return Err(Refusal::ForeignOrigin),
            _ => {}
        }
        let path = request.path.strip_prefix('/').ok_or(Refusal::Path)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
        if !path.bytes().all(plain) || path.contains("..") || path.contains("//") {
            return Err(Refusal::Path);
        }
        let (token, path) = path.split_once('/').ok_or(Refusal::Token)?;
        // Hashes are compared, so that the time taken tells nothing of the token.
        if <[u8; 32]>::from(Sha256::digest(token)) != self.token {
            return Err(Refusal::Token);
        }
        Ok(Admitted { path, post })
    }

    /// Whether a host is this machine by number, or its own name for itself. A name that somebody could register is not.
    fn is_ours(&self, host: &str) -> bool {
        let Some((name, port)) = host.rsplit_once(':') else { return self.port == 80 && self.is_name(host) };
        port.parse() == Ok(self.port) && self.is_name(name)
    }

    fn is_name(&self, name: &str) -> bool {
        let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        name.eq_ignore_ascii_case("localhost")
            || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback() || !self.loopback_only)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "127.0.0.1:8421";

    fn guard() -> Guard {
        Guard::new("secret", HOST.parse().unwrap())
    }

    fn get(path: &str) -> Request<'_> {
        Request { method: "GET", path, host: HOST, authority: HOST, ..Request::default() }
    }

    #[test]
    fn the_page_itself_is_let_in() {
        let guard = guard();
        assert_eq!(guard.admit(&get("/secret/")), Ok(Admitted { path: "", post: false }));
        assert_eq!(guard.admit(&get("/secret/pages/a-1.svg")), Ok(Admitted { path: "pages/a-1.svg", post: false }));
        let post = Request { method: "POST", origin: Some("http://127.0.0.1:8421"), ..get("/secret/person") };
        assert_eq!(guard.admit(&post), Ok(Admitted { path: "person", post: true }));
        for host in ["localhost:8421", "[::1]:8421"] {
            assert!(guard.admit(&Request { host, authority: host, ..get("/secret/") }).is_ok(), "{host}");
        }
    }

    #[test]
    fn without_the_token_nothing_is_told() {
        for path in ["/", "/secret", "/Secret/", "/other/", "/gallery.css", "/secre/t/"] {
            assert_eq!(guard().admit(&get(path)), Err(Refusal::Token), "{path}");
        }
    }

    #[test]
    fn paths_that_could_lead_elsewhere_are_refused() {
        for path in [
            "/secret/../campaign.toml",
            "/secret/..",
            "/secret/pages/..%2fcase.key",
            "/secret/%2e%2e/case.key",
            "/secret/pages%2f..%2fcase.key",
            "/secret//etc/passwd",
            "/secret/a\\b",
            "/secret/a%00",
            "secret/",
            "*",
        ] {
            assert_eq!(guard().admit(&get(path)), Err(Refusal::Path), "{path}");
        }
    }

    #[test]
    fn other_hosts_are_refused() {
        for host in
            ["evil.example:8421", "127.0.0.1.evil.example:8421", "127.0.0.1:80", "127.0.0.1", "10.0.0.7:8421", ""]
        {
            assert_eq!(guard().admit(&Request { host, ..get("/secret/") }), Err(Refusal::ForeignHost), "{host}");
            let target = Request { authority: host, ..get("/secret/") };
            assert_eq!(guard().admit(&target), Err(Refusal::ForeignHost), "{host}");
        }
        // Where the operator opened it to a network, an address is enough; a name still is not.
        let open = Guard::new("secret", "0.0.0.0:8421".parse().unwrap());
        let host = "10.0.0.7:8421";
        assert!(open.admit(&Request { host, authority: host, ..get("/secret/") }).is_ok());
        let host = "evil.example:8421";
        assert_eq!(open.admit(&Request { host, authority: host, ..get("/secret/") }), Err(Refusal::ForeignHost));
    }

    #[test]
    fn what_other_sites_send_is_refused() {
        for origin in [None, Some("null"), Some("http://evil.example"), Some("https://127.0.0.1:8421")] {
            let post = Request { method: "POST", origin, ..get("/secret/person") };
            assert_eq!(guard().admit(&post), Err(Refusal::ForeignOrigin), "{origin:?}");
        }
        for site in ["cross-site", "same-site"] {
            let request = Request { fetch_site: Some(site), ..get("/secret/") };
            assert_eq!(guard().admit(&request), Err(Refusal::ForeignOrigin), "{site}");
        }
        assert_eq!(guard().admit(&Request { method: "DELETE", ..get("/secret/") }), Err(Refusal::Method));
    }
}
