//! The steps of building a sandbox, as failures name them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One step of setting up the launcher or a sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    /// The launcher's user and mount namespaces.
    LauncherNamespaces,
    /// Writing the launcher's id maps.
    LauncherIds,
    /// The launcher's root file system.
    LauncherRoot,
    /// The host's libraries and devices.
    HostFiles,
    /// The interpreter of a host image.
    Interpreter,
    /// The directory of the image store.
    Store,
    /// Copying our files into the launcher's root.
    Files,
    /// A message that could not be read.
    Message,
    /// The sandbox's namespaces.
    Namespaces,
    /// Writing the sandbox's id maps.
    Ids,
    /// Waiting for the launcher.
    Release,
    /// A session of its own.
    Session,
    /// Joining the cgroups.
    Cgroup,
    /// Hiding the cgroups' names.
    CgroupNamespace,
    /// Becoming the sandbox's user.
    Identity,
    /// Dying with the launcher.
    ParentDeath,
    /// The sandbox's root.
    Root,
    /// The root of an image in the store.
    StoredImage,
    /// The sandbox's `/proc`.
    Proc,
    /// The sandbox's `/tmp`.
    Scratch,
    /// The sandbox's host name.
    HostName,
    /// Resource limits.
    ResourceLimits,
    /// The processors to run on.
    Processors,
    /// Telling the engine of the root.
    Report,
    /// Standard streams and the session's descriptor.
    Descriptors,
    /// Limiting a forked runner and letting it go.
    Runner,
    /// Asking a zygote for a sandbox's processes.
    Zygote,
    /// Giving up capabilities.
    Capabilities,
    /// Forgoing new privileges.
    NoNewPrivileges,
    /// The system call filter.
    Filter,
    /// Executing cyclone.
    Execute,
}

impl Step {
    /// Returns the step in words.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::LauncherNamespaces => "launcher namespaces",
            Self::LauncherIds => "launcher id maps",
            Self::LauncherRoot => "launcher root",
            Self::HostFiles => "host files",
            Self::Interpreter => "interpreter",
            Self::Store => "image store",
            Self::Files => "built-in files",
            Self::Message => "launcher message",
            Self::Namespaces => "namespaces",
            Self::Ids => "id maps",
            Self::Release => "release",
            Self::Session => "session",
            Self::Cgroup => "cgroup",
            Self::CgroupNamespace => "cgroup namespace",
            Self::Identity => "identity",
            Self::ParentDeath => "parent death signal",
            Self::Root => "root",
            Self::StoredImage => "stored image",
            Self::Proc => "proc",
            Self::Scratch => "scratch",
            Self::HostName => "host name",
            Self::ResourceLimits => "resource limits",
            Self::Processors => "processors",
            Self::Report => "report",
            Self::Descriptors => "descriptors",
            Self::Runner => "forked runner",
            Self::Zygote => "zygote",
            Self::Capabilities => "capabilities",
            Self::NoNewPrivileges => "no new privileges",
            Self::Filter => "system call filter",
            Self::Execute => "execute cyclone",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
