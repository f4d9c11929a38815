//! The live page's door: what it answers, and everything that it refuses.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;

use super::harness::{CAMPAIGN, Work};

/// A served campaign; it ends with the test.
struct Served {
    child: Child,
    host: String,
    token: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn serve(work: &Work) -> Served {
    let mut child = work
        .command(["preview", CAMPAIGN, "--serve", "127.0.0.1:0", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: serde_json::Value = serde_json::from_str(&line).unwrap();
    let url = said["url"].as_str().unwrap();
    let (host, token) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    Served { child, host: host.to_owned(), token: token.trim_end_matches('/').to_owned() }
}

/// Status, headers and body of an answer.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Served {
    /// Sends a request as it is spelt.
    fn send(&self, first_line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        let mut request = format!("{first_line} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        write!(stream, "{request}\r\n{body}").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET /{}/{path}", self.token), &[("Host", &self.host)], "")
    }

    fn post(&self, fields: &str, headers: &[(&str, &str)]) -> Answer {
        let host = [("Host", self.host.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
        let headers: Vec<_> = host.into_iter().chain(headers.iter().copied()).collect();
        self.send(&format!("POST /{}/person", self.token), &headers, fields)
    }

    fn origin(&self) -> String {
        format!("http://{}", self.host)
    }
}

const FIELDS: &str = "list=people&language=nl&format=standard&sex=V&initials=B.&surname=Proefje&street=Kade\
                      &house_number=1&postcode=1234+AB&city=Utrecht&category%3Aname=confirmed";

#[test]
fn the_page_shows_proofs_and_follows_what_is_saved() {
    let work = Work::people(6);
    let served = serve(&work);
    let page = served.get("");
    assert_eq!(page.status, 200);
    assert!(page.head.contains("content-security-policy: default-src 'none'; script-src 'self'"), "{}", page.head);
    assert!(!page.head.contains("unsafe-inline") && !page.body.contains("Persoon"));
    let proof = served.get("proof/02-confirmed-nl-standard?v=1");
    assert_eq!(proof.status, 200);
    assert!(proof.body.contains("pages&#x2f;02-confirmed-nl-standard-1.svg?v=1"), "{}", proof.body);
    let picture = served.get("pages/02-confirmed-nl-standard-1.svg?v=1");
    assert!(picture.head.contains("image/svg+xml") && picture.body.contains("<svg"));
    assert!(served.get("pdf/02-confirmed-nl-standard.pdf?v=1").body.starts_with("%PDF"));

    let wording = "letter-templates/note/nl/10-core.typ.j2";
    work.replace(wording, "gestolen", "buitgemaakt");
    let news: serde_json::Value = serde_json::from_str(&served.get("changes?after=0").body).unwrap();
    assert_eq!((&news["version"], &news["problems"]), (&2.into(), &serde_json::json!([])));
    assert!(served.get("proof/02-confirmed-nl-standard?v=2").body.contains("buitgemaakt"));

    // What does not work is said at its line, and the last good version stays.
    work.replace(wording, "buitgemaakt", "{{ nobody }}");
    let news: serde_json::Value = serde_json::from_str(&served.get("changes?after=1").body).unwrap();
    let problem = &news["problems"][0];
    assert_eq!((&news["version"], &problem["line"]), (&2.into(), &1.into()), "{news}");
    assert!(problem["file"].as_str().unwrap().contains("nl/10-core.typ.j2"));
    assert!(served.get("proof/02-confirmed-nl-standard?v=2").body.contains("buitgemaakt"));
    work.replace(wording, "{{ nobody }}", "#let (");
    let news: serde_json::Value = serde_json::from_str(&served.get("changes?after=2").body).unwrap();
    assert_eq!((&news["version"], news["problems"].as_array().unwrap().is_empty()), (&2.into(), false), "{news}");
    work.replace(wording, "#let (", "weg");
    let news: serde_json::Value = serde_json::from_str(&served.get("changes?after=3").body).unwrap();
    assert_eq!((&news["version"], &news["problems"]), (&3.into(), &serde_json::json!([])));
}

#[test]
fn a_made_up_person_gets_the_letter_that_the_rules_choose_and_values_stay_text() {
    let work = Work::tiny();
    let served = serve(&work);
    let origin = served.origin();
    let own = [("Origin", origin.as_str())];
    let letter = served.post(FIELDS, &own);
    assert_eq!(letter.status, 200, "{}", letter.body);
    assert!(letter.body.contains("B. Proefje") && letter.body.contains("data-variant=\"confirmed\""));
    let picture = letter.body.split("src=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#x2f;", "/");
    assert!(served.get(&picture).body.contains("<svg"), "{picture}");

    let hostile = FIELDS.replace("Proefje", "%3Cscript%3Ealert%281%29%3C%2Fscript%3E");
    let letter = served.post(&hostile, &own);
    assert!(letter.body.contains("&lt;script&gt;") && !letter.body.contains("<script"), "{}", letter.body);

    for (old, new, said) in [
        ("list=people", "list=../../case.key", "no such list"),
        ("language=nl", "language=fr", "not written in this language"),
        ("1234+AB", "12", "invalid-postcode"),
        ("confirmed", "ruled_out", "at least one category"),
        ("category%3Aname", "category%3Ax", "no such category"),
        ("surname=Proefje", "surname=", "write a name"),
    ] {
        let refused = served.post(&FIELDS.replace(old, new), &own);
        assert!(refused.status == 422 && refused.body.contains(said), "{}: {}", refused.status, refused.body);
    }
    let much = format!("{FIELDS}&x={}", "a".repeat(70_000));
    assert_eq!(served.post(&much, &own).status, 413);
}

#[test]
fn a_made_up_person_may_have_been_written_to_before_where_the_campaign_remembers() {
    let work = Work::tiny();
    let served = serve(&work);
    let origin = served.origin();
    let own = [("Origin", origin.as_str())];
    assert!(!served.get("").body.contains("name=\"written_before\""));
    let refused = served.post(&format!("{FIELDS}&written_before=yes"), &own);
    assert!(refused.status == 422 && refused.body.contains("no [ledger]"), "{}", refused.body);

    let work = Work::tiny();
    work.replace(
        "campaign.toml",
        "[[variants]]\nid = \"confirmed\"",
        "[ledger]\npath = \"ledger.sqlite\"\n\n[[waves]]\nid = \"moved\"\nwhen = \"returned == 'moved'\"\n\n\
         [[variants]]\nid = \"possible\"\nwhen = \"wave == 'moved'\"\n\n[[variants]]\nid = \"confirmed\"",
    );
    let wording = "letter-templates/note/nl/10-core.typ.j2";
    let text = std::fs::read_to_string(work.path("campaign").join(wording)).expect("a wording");
    work.write(wording, format!("{text}\n{{% if written_before %}}\nTweede brief.\n{{% endif %}}\n"));
    let english = wording.replace("/nl/", "/en/");
    let text = std::fs::read_to_string(work.path("campaign").join(&english)).expect("a wording");
    work.write(&english, format!("{text}\n{{% if written_before %}}\nSecond letter.\n{{% endif %}}\n"));
    let served = serve(&work);
    let origin = served.origin();
    let own = [("Origin", origin.as_str())];
    assert!(served.get("").body.contains("<option value=\"wave:moved\">"));
    for (value, variant, told) in
        [("", "confirmed", false), ("yes", "confirmed", true), ("wave:moved", "possible", true)]
    {
        let letter = served.post(&format!("{FIELDS}&written_before={value}"), &own);
        assert!(
            letter.status == 200 && letter.body.contains(&format!("data-variant=\"{variant}\"")),
            "{}",
            letter.body
        );
        assert_eq!(letter.body.contains("Tweede brief."), told, "{value}: {}", letter.body);
    }
    let refused = served.post(&format!("{FIELDS}&written_before=wave:other"), &own);
    assert!(refused.status == 422 && refused.body.contains("no such wave"), "{}", refused.body);
}

#[test]
fn requests_that_lead_elsewhere_are_refused() {
    let work = Work::tiny();
    let served = serve(&work);
    let (host, token) = (served.host.as_str(), served.token.as_str());
    let port = host.rsplit_once(':').unwrap().1;
    for path in [
        "../campaign.toml",
        "pages/../../case.key",
        "pages/..%2f..%2fcase.key",
        "%2e%2e/case.key",
        "pages%2f..%2f..%2fcase.key",
        "pdf/%2fetc%2fpasswd",
        "/etc/passwd",
        "..\\case.key",
    ] {
        let refused = served.get(path);
        assert_eq!(refused.status, 400, "{path}: {}", refused.body);
    }
    for path in
        ["case.key", "campaign.toml", "data/people.csv", "pages/case.key?v=1", "pdf/case.key?v=1", "proof/x?v=1"]
    {
        assert_eq!(served.get(path).status, 404, "{path}");
    }
    for target in ["/", "/gallery.css", "/0123456789abcdef0123456789abcdef/", &format!("/{token}")] {
        assert_eq!(served.send(&format!("GET {target}"), &[("Host", host)], "").status, 404, "{target}");
    }
    let page = format!("/{token}/");
    for other in ["evil.example", &format!("evil.example:{port}"), "127.0.0.1:1", &format!("10.1.2.3:{port}")] {
        assert_eq!(served.send(&format!("GET {page}"), &[("Host", other)], "").status, 421, "{other}");
        let target = format!("GET http://{other}{page}");
        assert_eq!(served.send(&target, &[("Host", host)], "").status, 421, "{other}");
    }
    assert_eq!(served.send(&format!("GET {page}"), &[("Host", &format!("localhost:{port}"))], "").status, 200);
}

#[test]
fn what_other_sites_send_is_refused() {
    let work = Work::tiny();
    let served = serve(&work);
    let own = served.origin();
    for headers in [
        &[][..],
        &[("Origin", "http://evil.example")],
        &[("Origin", "null")],
        &[("Origin", own.as_str()), ("Sec-Fetch-Site", "cross-site")],
    ] {
        assert_eq!(served.post(FIELDS, headers).status, 403, "{headers:?}");
    }
    let page = format!("GET /{}/", served.token);
    let embedded = served.send(&page, &[("Host", &served.host), ("Sec-Fetch-Site", "cross-site")], "");
    assert_eq!(embedded.status, 403);
    let delete = served.send(&format!("DELETE /{}/person", served.token), &[("Host", &served.host)], "");
    assert_eq!(delete.status, 405);
}

#[test]
fn other_machines_are_kept_out_unless_they_are_asked_in() {
    let work = Work::tiny();
    let said = ["other machines can reach", "--expose"];
    work.meldpost(["preview", CAMPAIGN, "--serve", "0.0.0.0:0"]).ends(64).says(&said);
    work.meldpost(["preview", CAMPAIGN]).ends(64);
    work.meldpost(["preview", CAMPAIGN, "--out", "a", "--serve", "127.0.0.1:0"]).ends(64);
}
