//! `veritech image`: what the native engine keeps of registries' images.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use bytesize::ByteSize;
use image_store::{Counts, Store, Summary};
use sandbox::{Progress, PullPolicy, RegistryReference};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::engine;
use crate::cli::{ImageCommand, ReportFormat};
use crate::config::Settings;
use crate::exit::{Exit, UsageError};
use crate::function::image_reference;
use crate::interrupt::{Interrupted, Interrupts};
use crate::progress::Bar;
use crate::terminal::{print_line, say};

/// Does what the command says with the images.
pub(crate) async fn run(settings: Settings, command: ImageCommand) -> anyhow::Result<Exit> {
    let store = engine::store(&settings.engines)?;
    match command {
        ImageCommand::Pull { image, always } => {
            let policy = if always {
                PullPolicy::Always
            } else {
                settings.engines.pull_policy
            };
            pull(&store, &image, policy).await
        }
        ImageCommand::List { verbose, output } => list(&store, verbose, output).await,
        ImageCommand::Remove { images } => remove(&store, &images).await,
        ImageCommand::Import { path, name } => import(&store, &path, name.as_deref()).await,
    }
}

/// Pulls an image, and prints its digest.
async fn pull(store: &Store, image: &str, policy: PullPolicy) -> anyhow::Result<Exit> {
    let reference = registry_reference(image)?;
    let bar = Bar::new();
    let cancel = CancellationToken::new();
    let pull = store.prepare(&reference, policy, &bar, cancel.clone());
    let pulled = unless_interrupted(pull, &cancel).await?;
    bar.clear();
    let pulled = pulled.with_context(|| format!("could not pull `{image}`"))?;
    print_line(pulled.digest())?;
    Ok(Exit::Success)
}

/// Imports an image, and prints its digest.
async fn import(store: &Store, path: &Path, name: Option<&str>) -> anyhow::Result<Exit> {
    let name = name.map(registry_reference).transpose()?;
    let bar = Arc::new(Bar::new());
    let cancel = CancellationToken::new();
    let progress = Arc::clone(&bar) as Arc<dyn Progress>;
    let import = store.import(path, name.as_ref(), progress, cancel.clone());
    let imported = unless_interrupted(import, &cancel).await?;
    bar.clear();
    let imported = imported.with_context(|| format!("could not import `{}`", path.display()))?;
    say(&format!("imported {}", imported.reference()));
    print_line(imported.digest())?;
    Ok(Exit::Success)
}

/// Waits for something long, and has it wind up if a signal comes.
async fn unless_interrupted<T>(
    work: impl Future<Output = T>,
    cancel: &CancellationToken,
) -> anyhow::Result<T> {
    let mut interrupts = Interrupts::listen().context("could not listen for signals")?;
    let mut work = std::pin::pin!(work);
    tokio::select! {
        done = &mut work => return Ok(done),
        () = interrupts.next() => cancel.cancel(),
    }
    tokio::select! {
        _ = &mut work => {}
        () = interrupts.next() => {}
    }
    Err(Interrupted.into())
}

async fn list(store: &Store, verbose: bool, output: ReportFormat) -> anyhow::Result<Exit> {
    let images = store.list().await?;
    match output {
        ReportFormat::Json => {
            let images: Vec<Value> = images.iter().map(described).collect();
            print_line(&Value::from(images).to_string())?;
        }
        ReportFormat::Text => {
            if images.is_empty() {
                say("there are no images; `veritech image pull` gets some");
            }
            for image in &images {
                for name in names(image) {
                    print_line(&format!(
                        "{:>10}  {}  {name}",
                        ByteSize(image.size).to_string(),
                        image.digest
                    ))?;
                }
                if verbose {
                    for (count, what) in notes(image) {
                        print_line(&format!("            {count} {what}"))?;
                    }
                }
            }
        }
    }
    Ok(Exit::Success)
}

/// Returns the names of an image, or that it has none.
fn names(image: &Summary) -> Vec<String> {
    if image.names.is_empty() {
        vec!["(no name)".to_owned()]
    } else {
        image.names.clone()
    }
}

/// Returns what was left out or changed when an image was unpacked.
fn notes(image: &Summary) -> Vec<(u64, &'static str)> {
    let Counts {
        devices,
        set_id_bits,
        capabilities,
        attributes,
        owners,
    } = image.counts;
    let notes = [
        (devices, "device nodes and pipes left out"),
        (set_id_bits, "set-user-id or set-group-id bits removed"),
        (capabilities, "file capabilities removed"),
        (attributes, "extended attributes left out"),
        (owners, "owners squashed"),
    ];
    notes.into_iter().filter(|(count, _)| *count > 0).collect()
}

fn described(image: &Summary) -> Value {
    json!({
        "digest": image.digest,
        "names": image.names,
        "size_bytes": image.size,
        "in_use": image.in_use,
        "counts": {
            "devices": image.counts.devices,
            "set_id_bits": image.counts.set_id_bits,
            "capabilities": image.counts.capabilities,
            "attributes": image.counts.attributes,
            "owners": image.counts.owners,
        },
    })
}

async fn remove(store: &Store, images: &[String]) -> anyhow::Result<Exit> {
    for image in images {
        let what = if image.starts_with("sha256:") {
            image.clone()
        } else {
            registry_reference(image)?.to_string()
        };
        store
            .remove(&what)
            .await
            .with_context(|| format!("could not remove `{image}`"))?;
        say(&format!("removed {what}"));
    }
    Ok(Exit::Success)
}

/// Reads the name of an image in a registry, as requests spell it.
fn registry_reference(text: &str) -> Result<RegistryReference, UsageError> {
    let image = image_reference(text).map_err(UsageError)?;
    RegistryReference::try_new(image.image(), image.tag())
        .map_err(|error| UsageError(error.to_string()))
}
