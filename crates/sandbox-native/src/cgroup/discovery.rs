//! Finds where this process may make cgroups.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Places, Version, v2};

/// Where cgroups can be made.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Discovered {
    pub(super) version: Version,
    pub(super) parents: Places,
}

/// Finds the parents for a dispatcher's cgroups.
pub(super) fn discover() -> io::Result<Discovered> {
    let own = fs::read_to_string("/proc/self/cgroup")?;
    let mounts = fs::read_to_string("/proc/self/mountinfo")?;
    let place = |controller: &str| v1_place(&own, &mounts, controller);
    if let Some(memory) = place("memory") {
        return Ok(Discovered {
            version: Version::V1,
            parents: Places {
                memory: Some(memory),
                processes: place("pids"),
                cpu: place("cpu"),
                accounting: place("cpuacct"),
            },
        });
    }
    let (mount, own) = v2_place(&own, &mounts)
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no cgroups are mounted"))?;
    let (parent, controllers) = v2_parent(&mount, &own)?;
    let having = |name| controllers.contains(&name).then(|| parent.clone());
    Ok(Discovered {
        version: Version::V2,
        parents: Places {
            memory: having("memory"),
            processes: having("pids"),
            cpu: having("cpu"),
            accounting: Some(parent.clone()),
        },
    })
}

/// Returns the directory of this process's cgroup for a controller of the first version.
fn v1_place(own: &str, mounts: &str, controller: &str) -> Option<PathBuf> {
    let named = |list: &str| list.split(',').any(|name| name == controller);
    let path = own.lines().find_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        named(controllers).then_some(path)
    })?;
    let mount = mounts
        .lines()
        .filter_map(Mount::parse)
        .find(|mount| mount.kind == "cgroup" && named(mount.options))?;
    mount.directory_of(path)
}

/// Returns the mount point of the second version and this process's cgroup in it.
fn v2_place(own: &str, mounts: &str) -> Option<(PathBuf, PathBuf)> {
    let path = own.lines().find_map(|line| line.strip_prefix("0::"))?;
    let mount = mounts
        .lines()
        .filter_map(Mount::parse)
        .find(|mount| mount.kind == "cgroup2")?;
    Some((mount.point.into(), mount.directory_of(path)?))
}

/// Returns the nearest cgroup, from `own` upwards, whose children can have
/// limits, with the controllers that they get.
fn v2_parent(mount: &Path, own: &Path) -> io::Result<(PathBuf, Vec<&'static str>)> {
    for candidate in own.ancestors().take_while(|it| it.starts_with(mount)) {
        if !may_create_in(candidate) {
            continue;
        }
        let mut controllers = v2::delegated(candidate);
        if controllers.is_empty() && candidate == own && make_room(own).is_ok() {
            controllers = v2::delegated(candidate);
        }
        if !controllers.is_empty() {
            return Ok((candidate.to_owned(), controllers));
        }
    }
    Err(io::Error::new(
        io::ErrorKind::PermissionDenied,
        "no cgroup with controllers was delegated to this user",
    ))
}

/// Moves this process out of the inner cgroup, if it is alone there, so that the
/// controllers can be passed on: a cgroup has either processes or controllers for
/// its children.
fn make_room(own: &Path) -> io::Result<()> {
    let leaf = own.join("veritech-dispatcher");
    let all: Vec<String> = v2::CONTROLLERS
        .iter()
        .map(|name| format!("+{name}"))
        .collect();
    let processes = fs::read_to_string(own.join("cgroup.procs"))?;
    let me = std::process::id().to_string();
    if processes.lines().any(|pid| pid != me) {
        return Err(io::ErrorKind::ResourceBusy.into());
    }
    match fs::create_dir(&leaf) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    fs::write(leaf.join("cgroup.procs"), me)?;
    for controller in all {
        // One that is not there is stood in for.
        fs::write(own.join("cgroup.subtree_control"), controller).ok();
    }
    Ok(())
}

/// Returns whether this process may make cgroups in a directory.
fn may_create_in(directory: &Path) -> bool {
    use rustix::fs::Access;
    rustix::fs::access(directory, Access::WRITE_OK | Access::EXEC_OK).is_ok()
        && rustix::fs::access(directory.join("cgroup.procs"), Access::WRITE_OK).is_ok()
}

/// A line of `/proc/self/mountinfo`.
struct Mount<'a> {
    root: &'a str,
    point: &'a str,
    kind: &'a str,
    options: &'a str,
}

impl<'a> Mount<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (mount, file_system) = line.split_once(" - ")?;
        let mut mount = mount.split(' ').skip(3);
        let (root, point) = (mount.next()?, mount.next()?);
        let mut file_system = file_system.split(' ');
        let (kind, _, options) = (
            file_system.next()?,
            file_system.next()?,
            file_system.next()?,
        );
        Some(Self {
            root,
            point,
            kind,
            options,
        })
    }

    /// Returns the directory of a cgroup, if this mount shows it.
    fn directory_of(&self, cgroup: &str) -> Option<PathBuf> {
        let below = Path::new(cgroup).strip_prefix(self.root).ok()?;
        Some(Path::new(self.point).join(below))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_controller_is_found_where_it_is_mounted() {
        let own = "9:name=systemd:/\n4:memory:/box/7\n2:cpu,cpuacct:/\n0::/\n";
        let mounts = "\
            30 20 0:26 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n\
            31 20 0:27 /box /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n";

        let place = |controller| v1_place(own, mounts, controller);

        assert_eq!(place("memory"), Some("/sys/fs/cgroup/memory/7".into()));
        assert_eq!(place("cpuacct"), Some("/sys/fs/cgroup/cpu,cpuacct".into()));
        assert_eq!(place("pids"), None);
    }

    #[test]
    fn the_single_hierarchy_is_found() {
        let own = "0::/system.slice/veritech.service\n";
        let mounts = "25 20 0:22 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n";

        let (mount, own) = v2_place(own, mounts).expect("found");

        assert_eq!(mount, Path::new("/sys/fs/cgroup"));
        assert_eq!(
            own,
            Path::new("/sys/fs/cgroup/system.slice/veritech.service")
        );
    }
}
