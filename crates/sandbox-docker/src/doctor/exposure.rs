//! Who else could use the daemon, which is as good as being root on its host, and what is known of
//! its walls.

use std::net::IpAddr;
use std::os::unix::fs::MetadataExt as _;

use bollard::models::SystemInfo;
use sandbox::Check;

/// The first version whose runtime has no known way out of a container: those of CVE-2024-21626 and
/// CVE-2025-52881 are mended in it.
const MENDED: [u64; 3] = [28, 5, 2];

/// Looks at the way to the daemon.
pub(super) fn of_address(host: &str) -> Vec<Check> {
    let mut checks = vec![address(host)];
    if let Some(path) = host.strip_prefix("unix://")
        && let Ok(found) = std::fs::metadata(path)
    {
        checks.push(socket(path, found.mode()));
    }
    checks
}

/// Decides over what the daemon says of itself.
pub(super) fn of_daemon(info: &SystemInfo) -> [Check; 3] {
    let options = info.security_options.as_deref().unwrap_or_default();
    let version = info.server_version.as_deref().unwrap_or_default();
    [seccomp(options), users(options), runtime(version)]
}

fn address(host: &str) -> Check {
    const NAME: &str = "docker address";
    let rest = host.split_once("://").map_or(host, |(_, rest)| rest);
    let name = rest.split('/').next().unwrap_or_default();
    let name = name.rsplit_once(':').map_or(name, |(name, _)| name);
    let name = name.trim_matches(['[', ']']);
    let is_here = host.starts_with("unix://")
        || name == "localhost"
        || name.parse().is_ok_and(|it: IpAddr| it.is_loopback());
    if is_here {
        return Check::passed(NAME, host);
    }
    Check::refused(
        NAME,
        format!("{host} is another host, without TLS: whoever is on the way is root there"),
        "use `unix://…`, or a tunnel that ends on loopback, such as `ssh -L \
         127.0.0.1:2375:/var/run/docker.sock HOST`",
    )
}

fn socket(path: &str, mode: u32) -> Check {
    const NAME: &str = "docker socket";
    if mode & 0o002 == 0 {
        return Check::passed(NAME, format!("`{path}` is not everybody's"));
    }
    Check::refused(
        NAME,
        format!("everybody can write to `{path}`, and so be root"),
        format!("run `chmod 660 {path}`"),
    )
}

fn seccomp(options: &[String]) -> Check {
    const NAME: &str = "docker seccomp";
    if has(options, "seccomp") {
        return Check::passed(NAME, "filters are available");
    }
    Check::refused(
        NAME,
        "the daemon has no filters of system calls",
        "use a kernel and a Docker engine with seccomp",
    )
}

fn users(options: &[String]) -> Check {
    const NAME: &str = "docker users";
    if has(options, "userns") || has(options, "rootless") {
        return Check::passed(NAME, "root in a container is nobody on the host");
    }
    Check::warned(
        NAME,
        "root in a container is root on the host; sandboxes are not root, but one wall is missing",
        "set `userns-remap` in the daemon's configuration, or run it rootless",
    )
}

fn has(options: &[String], name: &str) -> bool {
    let wanted = format!("name={name}");
    let mut words = options.iter().flat_map(|option| option.split(','));
    words.any(|word| word == wanted)
}

fn runtime(version: &str) -> Check {
    const NAME: &str = "docker version";
    let numbers: Vec<u64> = version
        .split(['.', '-', '+', '~'])
        .map_while(|part| part.parse().ok())
        .collect();
    if numbers.as_slice() >= MENDED.as_slice() {
        return Check::passed(NAME, version);
    }
    Check::warned(
        NAME,
        format!("`{version}` had ways out of containers (CVE-2024-21626, CVE-2025-52881)"),
        "use 28.5.2 or later, unless the distribution has mended the runtime of this one",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_daemon_elsewhere_in_the_clear_is_refused() {
        for here in [
            "unix:///var/run/docker.sock",
            "tcp://127.0.0.1:2375",
            "tcp://localhost:2375",
            "tcp://[::1]:2375",
        ] {
            assert!(address(here).ok, "{here}");
        }
        for elsewhere in [
            "tcp://192.0.2.1:2375",
            "http://docker.example.com:2375/",
            "tcp://[2001:db8::1]:2375",
            "tcp://localhost.example.com",
        ] {
            assert!(address(elsewhere).is_refusal(), "{elsewhere}");
        }
    }

    #[test]
    fn a_socket_of_everybody_is_refused() {
        assert!(socket("/run/docker.sock", 0o140_660).ok);
        assert!(socket("/run/docker.sock", 0o140_666).is_refusal());
    }

    #[test]
    fn a_daemon_without_filters_is_refused_and_one_without_user_namespaces_is_not() {
        let options = |all: &[&str]| all.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();

        assert!(seccomp(&options(&["name=apparmor"])).is_refusal());
        assert!(seccomp(&options(&["name=seccomp,profile=builtin"])).ok);
        let shared = users(&options(&["name=seccomp,profile=builtin"]));
        assert!(!shared.ok && !shared.is_refusal());
        assert!(users(&options(&["name=userns"])).ok);
        assert!(users(&options(&["name=rootless"])).ok);
    }

    #[test]
    fn versions_with_known_ways_out_are_named() {
        for mended in ["28.5.2", "28.5.2-rc.1", "29.0.0", "28.6.0+azure"] {
            assert!(runtime(mended).ok, "{mended}");
        }
        for old in ["20.10.24+dfsg1", "25.0.2", "28.5.1", "28.5", "unknown", ""] {
            assert!(!runtime(old).ok && !runtime(old).is_refusal(), "{old}");
        }
    }
}
