//! Files that whoever can change them, or read them, is as good as the dispatcher.

use std::path::Path;

use sandbox::Check;

use crate::access::{Chain, Trusted};
use crate::list::{CONFIGURATION_FILE, CREDENTIALS_FILE, INTERPRETERS, OWN_PROGRAM, STORE_OWNER};

/// Looks at the configuration file, which may hold a password.
pub fn configuration(path: &Path, has_password: bool) -> Check {
    let secret = has_password.then_some("it holds a password");
    kept(CONFIGURATION_FILE, path, secret)
}

/// Looks at the file with the NATS user's seed.
pub fn credentials(path: &Path) -> Check {
    kept(CREDENTIALS_FILE, path, Some("it holds a private key"))
}

fn kept(name: &'static str, path: &Path, secret: Option<&str>) -> Check {
    match Chain::read(path) {
        Ok(chain) => kept_by(name, path, &chain, Trusted::this_process(), secret),
        Err(error) => Check::refused(
            name,
            format!("`{}` cannot be looked at: {error}", path.display()),
            "name a file that this user can read",
        ),
    }
}

/// Decides over a file that only the dispatcher's user may change, and, if it is
/// secret, read.
fn kept_by(
    name: &'static str,
    path: &Path,
    chain: &Chain,
    trusted: Trusted,
    secret: Option<&str>,
) -> Check {
    let path = path.display();
    if let Some(who) = chain.changeable(trusted) {
        return Check::refused(
            name,
            format!("others can change `{path}`: {who}"),
            format!(
                "run `chmod go-w` on it, or `chown` it to the user that runs veritech (`{path}`)"
            ),
        );
    }
    match secret {
        Some(why) if chain.is_readable(trusted) => Check::refused(
            name,
            format!("others can read `{path}`, and {why}"),
            format!("run `chmod 600 {path}`"),
        ),
        Some(_) => Check::passed(
            name,
            format!("`{path}`, which others can neither read nor change"),
        ),
        None => Check::passed(name, format!("`{path}`, which others cannot change")),
    }
}

/// Looks at the program that this process runs, which brings everything along that
/// sandboxes start.
pub fn own_program() -> Check {
    let path = match std::env::current_exe() {
        Ok(path) => path,
        Err(error) => return unknown(OWN_PROGRAM, &error),
    };
    match Chain::read(&path) {
        Ok(chain) => own_program_is(&path, &chain, Trusted::this_process()),
        // It was replaced while it ran: what runs is the old one.
        Err(error) => unknown(OWN_PROGRAM, &error),
    }
}

fn unknown(name: &'static str, error: &std::io::Error) -> Check {
    Check::warned(
        name,
        format!("it cannot be looked at: {error}"),
        "start a program that is still where it was",
    )
}

fn own_program_is(path: &Path, chain: &Chain, trusted: Trusted) -> Check {
    let path = path.display();
    match chain.changeable(trusted) {
        None => Check::passed(OWN_PROGRAM, format!("`{path}`, which others cannot change")),
        // Its owner has started it.
        Some(who)
            if chain
                .0
                .iter()
                .all(|entry| entry.mode & 0o002 == 0 || entry.mode & 0o1000 != 0) =>
        {
            Check::warned(
                OWN_PROGRAM,
                format!("somebody besides root and this user can change `{path}`: {who}"),
                "install it where root alone can write, such as /usr/local/bin",
            )
        }
        Some(who) => Check::refused(
            OWN_PROGRAM,
            format!("everybody can change `{path}`: {who}"),
            format!("run `chmod o-w` on what is named, or install it in /usr/local/bin (`{path}`)"),
        ),
    }
}

/// Looks at the interpreters of the host that functions are run with.
pub fn interpreters<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Check {
    let trusted = Trusted::this_process();
    let mut seen = Vec::new();
    for path in paths {
        match Chain::read(path) {
            Ok(chain) => {
                if let Some(who) = chain.changeable(trusted) {
                    return Check::refused(
                        INTERPRETERS,
                        format!("others can change `{}`: {who}", path.display()),
                        "use an interpreter that root or this user has installed (`native.node`, \
                         `native.deno`, `native.python`), or take the right to write away",
                    );
                }
                seen.push(format!("`{}`", path.display()));
            }
            Err(error) => return unknown(INTERPRETERS, &error),
        }
    }
    let detail = match seen.len() {
        0 => "none is in use".to_owned(),
        _ => format!("{}, which others cannot change", seen.join(", ")),
    };
    Check::passed(INTERPRETERS, detail)
}

/// Looks at who could put other images into the store.
pub fn store(directory: &Path) -> Check {
    let path = directory.display();
    match Chain::read(directory) {
        Ok(chain) => match chain.changeable(Trusted::this_process()) {
            None => Check::passed(STORE_OWNER, format!("`{path}`, which others cannot change")),
            Some(who) => Check::refused(
                STORE_OWNER,
                format!("others can change the images in `{path}`: {who}"),
                "set `store.path` to a directory of this user alone, below directories of root",
            ),
        },
        Err(error) => unknown(STORE_OWNER, &error),
    }
}
