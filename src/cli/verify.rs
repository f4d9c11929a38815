//! `meldpost verify`: a run folder, or one package alone.
//!
//! Enters: a path and the keys at hand. Leaves: what was proven, or everything that does not hold.

use std::path::Path;

use super::environment::ProcessEnvironment;
use super::exit::Exit;
use super::failure::Failure;
use super::output::Output;
use crate::campaign::Environment;
use crate::model::private::Private;
use crate::seal::{self, Keys};

/// Verifies and says what was proven.
pub fn verify(path: &Path, identity: Option<&Path>, password: Option<&str>) -> Result<Output, Failure> {
    let keys = keys(identity, password)?;
    if !path.exists() {
        return Err(Failure::with_hint(
            Exit::Usage,
            format!("{} is not there", path.display()),
            "name a run folder, or one package: a .zip or .zip.age file",
        ));
    }
    if path.is_dir() { run(path, &keys) } else { package(path, &keys) }
}

fn keys(identity: Option<&Path>, password: Option<&str>) -> Result<Keys, Failure> {
    let age_identities = match identity {
        Some(file) => Some(Private::new(std::fs::read_to_string(file).map_err(|error| {
            Failure::with_hint(
                Exit::Usage,
                format!("the identity file {} cannot be read: {error}", file.display()),
                "name the file that holds the AGE-SECRET-KEY-1… line",
            )
        })?)),
        None => None,
    };
    let zip_password = match password {
        Some(name) => Some(Private::new(ProcessEnvironment.variable(name).ok_or_else(|| {
            Failure::with_hint(
                Exit::Usage,
                format!("the variable {name} is not set"),
                "put the package's password into it; never on the command line",
            )
        })?)),
        None => None,
    };
    Ok(Keys { age_identities, zip_password })
}

fn run(path: &Path, keys: &Keys) -> Result<Output, Failure> {
    let verified = seal::verify_run(path, keys)?;
    let totals = &verified.manifest.totals;
    let unopened = verified.unopened();
    let mut text = format!(
        "{}: verified\n  {} rows have one outcome each\n  {} letters in {} packages, {} pages on {} sheets",
        path.display(),
        totals.rows,
        totals.letters,
        totals.packages,
        totals.pages,
        totals.sheets,
    );
    if unopened > 0 {
        text.push_str(&format!(
            "\n  {unopened} encrypted packages were checked by their outer hash only; give --identity or --password-env to open them"
        ));
    }
    let json = serde_json::json!({
        "verified": true,
        "totals": totals,
        "packages": verified.manifest.packages.len(),
        "unopened": unopened,
    });
    Ok(Output { text, json })
}

fn package(path: &Path, keys: &Keys) -> Result<Output, Failure> {
    let verified = seal::verify_package(path, keys)?;
    let mut text = format!("{}: {} bytes, sha256 {}", path.display(), verified.bytes, verified.sha256);
    match &verified.contents {
        Some(contents) => text.push_str(&format!(
            "\n  verified: {} letters, {} control letters, {} pages on {} sheets",
            contents.letters, contents.seeds, contents.pages, contents.sheets
        )),
        None => text.push_str(
            "\n  not opened: only the outer hash was taken; give --identity FILE (age) or --password-env NAME (AES)",
        ),
    }
    if !verified.in_manifest {
        text.push_str("\n  no manifest beside it: the outer hash was not compared with one");
    }
    let json = serde_json::json!({
        "verified": verified.contents.is_some(),
        "id": verified.id,
        "sha256": verified.sha256,
        "bytes": verified.bytes,
        "in_manifest": verified.in_manifest,
        "contents": verified.contents.as_ref().map(|contents| serde_json::json!({
            "plain_sha256": contents.plain_sha256,
            "letters": contents.letters,
            "seeds": contents.seeds,
            "pages": contents.pages,
            "sheets": contents.sheets,
        })),
    });
    Ok(Output { text, json })
}
