//! Where a Python of the host has its standard library.
//!
//! Python looks for it next to its own program, so that program is started at the
//! place where the host has it. What lies below `/usr` is there in every host
//! image; otherwise the directory of this Python is mounted too, if there is
//! nothing else in it that sandboxes should not see.

use std::path::{Component, Path, PathBuf};

/// The oldest version that the runner runs on, as its second number.
const OLDEST: u32 = 11;

/// Where every host image has the host's own files.
const SHARED: &str = "/usr";

/// Top-level directories that sandboxes have of their own.
const TAKEN: [&str; 6] = ["dev", "etc", "proc", "sys", "tmp", "veritech"];

/// Returns the directory that `program` needs besides what every host image has,
/// or why it cannot be used. `home` is the directory of the user who runs us.
pub(super) fn directory(program: &Path, home: Option<&Path>) -> Result<Option<PathBuf>, String> {
    let written = program.to_string_lossy();
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "/._+-@~".contains(it);
    if !written.chars().all(is_plain) {
        return Err(format!(
            "the path `{written}` has characters that a runner's command cannot hold"
        ));
    }
    let prefix = program
        .parent()
        .and_then(Path::parent)
        .ok_or_else(|| format!("`{written}` is not in a directory `bin`"))?;
    let version = version(program, prefix).ok_or_else(|| {
        format!(
            "`{written}` has no standard library below `{}`",
            prefix.display()
        )
    })?;
    if version < OLDEST {
        return Err(format!(
            "`{written}` is Python 3.{version}; the runner needs 3.{OLDEST} or later"
        ));
    }
    if prefix.starts_with(SHARED) {
        return Ok(None);
    }
    let mut names = prefix.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name),
        _ => None,
    });
    let is_taken = |top: &std::ffi::OsStr| TAKEN.iter().any(|taken| top == *taken);
    if names.next().is_none_or(is_taken) {
        return Err(format!(
            "`{written}` lies where sandboxes have files of their own; use one that is elsewhere"
        ));
    }
    let holds_home = home.is_some_and(|home| home.starts_with(prefix));
    if names.next().is_none() || holds_home {
        return Err(format!(
            "sandboxes would see all of `{}`; use a Python in a directory of its own",
            prefix.display()
        ));
    }
    Ok(Some(prefix.to_owned()))
}

/// Returns the second number of a Python's version, by its standard library.
fn version(program: &Path, prefix: &Path) -> Option<u32> {
    let name = program.file_name()?.to_str()?;
    let mut found: Vec<(bool, u32)> = ["lib", "lib64"]
        .iter()
        .filter_map(|lib| prefix.join(lib).read_dir().ok())
        .flatten()
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("os.py").is_file())
        .filter_map(|entry| {
            let library = entry.file_name();
            let library = library.to_str()?;
            // `python3.13t` is one without a global lock.
            let minor = library.strip_prefix("python3.")?.trim_end_matches('t');
            Some((library == name, minor.parse().ok()?))
        })
        .collect();
    // Several may share a directory; then the program has its version in its name.
    found.sort_unstable();
    found.pop().map(|(_, minor)| minor)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Makes what a Python looks like from outside.
    fn python(prefix: &Path, version: &str) -> PathBuf {
        let library = prefix.join("lib").join(version);
        fs::create_dir_all(&library).expect("made");
        fs::write(library.join("os.py"), "").expect("written");
        prefix.join("bin").join(version)
    }

    fn elsewhere() -> tempfile::TempDir {
        tempfile::tempdir_in("/var/tmp").expect("a directory")
    }

    #[test]
    fn one_outside_of_usr_needs_its_own_directory() {
        let place = elsewhere();
        let program = python(place.path(), "python3.12");
        python(place.path(), "python3.9");

        assert_eq!(
            directory(&program, None),
            Ok(Some(place.path().to_path_buf()))
        );
    }

    #[test]
    fn one_that_is_too_old_is_told() {
        let place = elsewhere();
        let program = python(place.path(), "python3.9");
        python(place.path(), "python3.12");

        let reason = directory(&program, None).expect_err("too old");
        assert!(
            reason.contains("is Python 3.9; the runner needs 3.11"),
            "{reason}"
        );
    }

    #[test]
    fn one_without_a_standard_library_is_told() {
        let place = elsewhere();
        let reason = directory(&place.path().join("bin/python3"), None).expect_err("none");
        assert!(reason.contains("has no standard library"), "{reason}");
    }

    #[test]
    fn a_directory_with_a_home_in_it_is_not_shown() {
        let place = elsewhere();
        let program = python(place.path(), "python3.12");
        let home = place.path().join("ada");

        let reason = directory(&program, Some(&home)).expect_err("refused");
        assert!(reason.contains("sandboxes would see all of"), "{reason}");
    }

    #[test]
    fn one_where_sandboxes_have_their_own_files_is_told() {
        let place = tempfile::tempdir_in("/tmp").expect("a directory");
        let program = python(place.path(), "python3.12");

        let reason = directory(&program, None).expect_err("refused");
        assert!(reason.contains("use one that is elsewhere"), "{reason}");
    }

    #[test]
    fn a_path_that_a_command_cannot_hold_is_told() {
        let reason = directory(Path::new("/opt/my python/bin/python3"), None).expect_err("refused");
        assert!(reason.contains("characters"), "{reason}");
    }
}
