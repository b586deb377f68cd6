//! Makes a request out of a file and options.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use anyhow::Context as _;
use serde::de::DeserializeOwned;
use veritech_protocol::{
    ImageReference, InvalidImageReference, Kind, Language, RawValue, RemoteFunctionRequest,
};

use crate::cli::FunctionArgs;
use crate::exit::UsageError;

/// The most that is read from a file or from standard input, in bytes.
const MAX_INPUT_BYTES: u64 = 64 << 20;

/// Builds the request that the options describe.
pub(crate) fn request(arguments: &FunctionArgs) -> anyhow::Result<RemoteFunctionRequest> {
    let code = read_file(&arguments.file)
        .with_context(|| format!("could not read the function `{}`", arguments.file.display()))?;
    let kind: Kind = named("--kind", &arguments.kind)?;
    let image = image_reference(&arguments.image).map_err(|error| option("--image", &error))?;

    let mut request = RemoteFunctionRequest::new(kind, image.image(), code);
    image.tag().clone_into(&mut request.container_tag);
    request.inputs = inputs(arguments.inputs.as_deref())?;
    request.handler.clone_from(&arguments.handler);
    request.language = match &arguments.language {
        Some(language) => Some(named("--language", language)?),
        None => language_of(&arguments.file),
    };
    if let Some(response_type) = &arguments.response_type {
        request.response_type = named("--response-type", response_type)?;
    }
    request.timeout_ms = arguments.timeout.map(|timeout| millis(*timeout));
    if let Some(network) = &arguments.network {
        request.network = named("--network", network)?;
    }
    request.env = env(&arguments.env)?;
    let limits = &mut request.limits;
    limits.memory_bytes = arguments.memory.map(|size| size.as_u64());
    limits.cpus = arguments.cpus;
    limits.cpu_time_ms = arguments.cpu_time.map(|time| millis(*time));
    limits.processes = arguments.processes;
    limits.disk_bytes = arguments.disk.map(|size| size.as_u64());
    limits.output_bytes = arguments.max_output.map(|size| size.as_u64());
    limits.result_bytes = arguments.max_result.map(|size| size.as_u64());
    request
        .validate()
        .map_err(|error| UsageError(error.to_string()))?;
    Ok(request)
}

/// Splits `NAME[:TAG]` or `NAME@sha256:…`.
pub(crate) fn image_reference(text: &str) -> Result<ImageReference, String> {
    text.parse()
        .map_err(|error: InvalidImageReference| format!("`{text}` {error}"))
}

pub(crate) fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn option(name: &str, problem: &str) -> UsageError {
    UsageError(format!("{name}: {problem}"))
}

/// Reads a value by its name on the wire.
fn named<T: DeserializeOwned>(option_name: &str, name: &str) -> Result<T, UsageError> {
    serde_json::from_value(name.into()).map_err(|error| option(option_name, &error.to_string()))
}

/// The language that a file's ending stands for, where it stands for one that
/// must be said.
fn language_of(file: &Path) -> Option<Language> {
    match file.extension()?.to_str()? {
        "js" | "mjs" => Some(Language::JavaScript),
        "ts" | "mts" => Some(Language::TypeScript),
        "py" => Some(Language::Python),
        _ => None,
    }
}

fn inputs(argument: Option<&str>) -> anyhow::Result<Box<RawValue>> {
    let text = match argument {
        None => "{}".to_owned(),
        Some("-") => read_to_end(io::stdin().lock()).context("could not read standard input")?,
        Some(text) => match text.strip_prefix('@') {
            Some(file) => read_file(Path::new(file))
                .with_context(|| format!("could not read the inputs `{file}`"))?,
            None => text.to_owned(),
        },
    };
    RawValue::from_string(text)
        .map_err(|error| option("--inputs", &format!("not JSON: {error}")).into())
}

fn env(pairs: &[String]) -> Result<BTreeMap<String, String>, UsageError> {
    let split = |pair: &String| {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| option("--env", &format!("must be K=V, got `{pair}`")))?;
        Ok((name.to_owned(), value.to_owned()))
    };
    pairs.iter().map(split).collect()
}

fn read_file(path: &Path) -> Result<String, UsageError> {
    let file = fs::File::open(path).map_err(|error| UsageError(error.to_string()))?;
    read_to_end(file)
}

fn read_to_end(source: impl io::Read) -> Result<String, UsageError> {
    let mut text = String::new();
    let read = source
        .take(MAX_INPUT_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(|error| UsageError(error.to_string()))?;
    if u64::try_from(read).unwrap_or(u64::MAX) > MAX_INPUT_BYTES {
        return Err(UsageError(format!(
            "it is larger than {MAX_INPUT_BYTES} bytes"
        )));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_what_follows_the_last_colon_behind_the_last_slash() {
        for (text, image, tag) in [
            ("node", "node", "latest"),
            ("builtin/quickjs:1", "builtin/quickjs", "1"),
            ("localhost:5000/a", "localhost:5000/a", "latest"),
            ("localhost:5000/a:b", "localhost:5000/a", "b"),
        ] {
            let reference = image_reference(text).expect(text);
            assert_eq!((reference.image(), reference.tag()), (image, tag), "{text}");
        }
        assert!(image_reference("a b").is_err());
    }
}
