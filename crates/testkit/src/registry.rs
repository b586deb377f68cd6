//! A real registry of images of the test's own.
//!
//! It listens on a port the kernel chose, keeps everything in a directory of its
//! own, and is gone when the value is dropped.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time;

use crate::image::Image;
use crate::{tools, wait};

/// How long a registry may take to listen or to answer, on a machine that is busy.
const LIMIT: Duration = Duration::from_secs(30);

const USERNAME: &str = "veritech";
const PASSWORD: &str = "let-me-in";
/// The two, as `htpasswd -B` writes them.
const HTPASSWD: &str = "veritech:$2b$05$abcdefghijklmnopqrstuu3Jd./u/rH1RxB6auX5v7gLP6uWhKCgG\n";
/// The two, as HTTP wants them.
const BASIC: &str = "dmVyaXRlY2g6bGV0LW1lLWlu";

/// A running registry. It speaks HTTP without TLS, on loopback.
#[derive(Debug)]
pub struct Registry {
    _directory: TempDir,
    process: Child,
    port: u16,
    private: bool,
}

impl Registry {
    /// Starts a registry that everybody may use.
    ///
    /// # Panics
    ///
    /// If there is no registry to start, or it does not come up.
    pub async fn start() -> Self {
        Self::launch(false).await
    }

    /// Starts a registry that wants [`credentials`](Self::credentials).
    ///
    /// # Panics
    ///
    /// If there is no registry to start, or it does not come up.
    pub async fn start_private() -> Self {
        Self::launch(true).await
    }

    /// Returns the registry's name, as it is written in names of images.
    pub fn name(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Returns the user name and password that a private registry wants.
    pub fn credentials(&self) -> (&'static str, &'static str) {
        (USERNAME, PASSWORD)
    }

    /// Puts an image into the registry.
    ///
    /// # Panics
    ///
    /// If the registry does not take it.
    pub async fn push(&self, image: &Image, repository: &str, tag: &str) {
        for (digest, blob) in image.blobs() {
            let path = format!("/v2/{repository}/blobs/uploads/");
            let answer = self
                .ask("POST", &path, "application/octet-stream", &[])
                .await;
            let location = answer
                .lines()
                .find_map(|line| line.strip_prefix("Location: "))
                .unwrap_or_else(|| panic!("no upload was begun: {answer}"));
            let path = location
                .find("/v2/")
                .and_then(|at| location.get(at..))
                .unwrap_or_else(|| panic!("no path in {location}"));
            let path = format!("{path}&digest={digest}");
            let answer = self
                .ask("PUT", &path, "application/octet-stream", blob)
                .await;
            assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        }
        for (name, media_type, manifest) in image.manifests(tag) {
            let path = format!("/v2/{repository}/manifests/{name}");
            let answer = self.ask("PUT", &path, media_type, manifest).await;
            assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        }
    }

    /// Kills the registry, as a crash would.
    pub fn kill(&mut self) {
        // One that has already ended is as dead as it should be.
        drop(self.process.kill());
        drop(self.process.wait());
    }

    async fn launch(private: bool) -> Self {
        let directory = tempfile::Builder::new()
            .prefix("testkit-registry-")
            .tempdir()
            .expect("a temporary directory for the registry");
        let configuration = directory.path().join("config.yml");
        fs::write(&configuration, configure(directory.path(), private))
            .expect("the registry's configuration is written");
        let log = directory.path().join("log");
        let mut process = Command::new(tools::registry())
            .arg("serve")
            .arg(&configuration)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).expect("the registry's log is created"))
            .spawn()
            .expect("the registry starts");
        let port = wait::eventually(LIMIT, "registry that listens", async || {
            let log = fs::read_to_string(&log).unwrap_or_default();
            if let Ok(Some(status)) = process.try_wait() {
                panic!("the registry ended with {status} instead of listening:\n{log}");
            }
            port_in(&log)
        })
        .await;
        Self {
            _directory: directory,
            process,
            port,
            private,
        }
    }

    /// Sends a request and returns the whole answer. HTTP/1.1 with `Connection:
    /// close`, so that it ends where the connection does.
    async fn ask(&self, method: &str, path: &str, media_type: &str, body: &[u8]) -> String {
        let authorization = if self.private {
            format!("Authorization: Basic {BASIC}\r\n")
        } else {
            String::new()
        };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{authorization}\
             Content-Type: {media_type}\r\nAccept: {media_type}\r\nContent-Length: {}\r\n\r\n",
            self.name(),
            body.len(),
        );
        let ask = async {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(body).await?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await?;
            Ok::<_, std::io::Error>(answer)
        };
        let answer = time::timeout(LIMIT, ask)
            .await
            .expect("the registry answers in time")
            .expect("the registry can be talked to");
        String::from_utf8_lossy(&answer).replace("\r\n", "\n")
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.kill();
    }
}

fn configure(directory: &Path, private: bool) -> String {
    let auth = if private {
        let passwords = directory.join("htpasswd");
        fs::write(&passwords, HTPASSWD).expect("the registry's passwords are written");
        format!(
            "auth:\n  htpasswd:\n    realm: testkit\n    path: {}\n",
            passwords.display()
        )
    } else {
        String::new()
    };
    format!(
        "version: 0.1\nlog:\n  level: info\n  accesslog:\n    disabled: true\n\
         storage:\n  filesystem:\n    rootdirectory: {}\n\
         http:\n  addr: 127.0.0.1:0\n{auth}",
        directory.join("images").display()
    )
}

/// Returns the port on which a registry says that it listens.
fn port_in(log: &str) -> Option<u16> {
    let (_, rest) = log.split_once("listening on 127.0.0.1:")?;
    let (port, _) = rest.split_once('"')?;
    port.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{ImageBuilder, Layer};

    #[tokio::test]
    async fn what_is_pushed_can_be_asked_for() {
        let registry = Registry::start_private().await;
        let image = ImageBuilder::default()
            .layer(Layer::default().file("etc/motd", 0o644, b"hello"))
            .build();

        registry.push(&image, "team/rules", "1").await;

        let accepted = "application/vnd.oci.image.manifest.v1+json";
        let answer = registry
            .ask("GET", "/v2/team/rules/manifests/1", accepted, &[])
            .await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains(image.digest()), "{answer}");
    }
}
