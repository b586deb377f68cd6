//! Hostile functions, read from their files.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use veritech_protocol::RemoteFunctionRequest;

use super::case::{Case, Expectation, Runtime};
use super::header::{EngineName, Header};
use crate::engine::TestEngine;

/// What functions try, one directory each.
pub const GROUPS: [&str; 9] = [
    "forging",
    "tampering",
    "exits",
    "resources",
    "values",
    "loading",
    "access",
    "cleanup",
    "crossing",
];

/// The largest request, in bytes.
const MAX_REQUEST_BYTES: usize = 16 << 20;

/// One file.
#[derive(Clone, Debug)]
pub struct Function {
    /// The directory it is in.
    pub group: String,
    /// The file's name without its ending.
    pub name: String,
    header: Header,
    cases: Vec<Case>,
}

/// Reads every function.
///
/// # Panics
///
/// If one is malformed, or a file is where none belongs: that says which, and why.
pub fn read_all() -> Vec<Function> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("hostile");
    let mut functions = Vec::new();
    let mut wrong = Vec::new();
    for group in entries(&root) {
        let name = file_name(&group);
        if !GROUPS.contains(&name.as_str()) {
            wrong.push(format!("{name}: there is no such group"));
            continue;
        }
        for file in entries(&group) {
            match Function::read(&name, &file) {
                Ok(function) => functions.push(function),
                Err(reason) => wrong.push(format!("{name}/{}: {reason}", file_name(&file))),
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "malformed functions:\n{}",
        wrong.join("\n")
    );
    functions
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(directory)
        .unwrap_or_else(|error| panic!("`{}`: {error}", directory.display()));
    let mut paths: Vec<_> = read.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

impl Function {
    fn read(group: &str, file: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
        let ending = file.extension().unwrap_or_default().to_string_lossy();
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        Self::parse(group, &name, &ending, text)
    }

    fn parse(group: &str, name: &str, ending: &str, code: String) -> Result<Self, String> {
        let is_python = match ending {
            "js" => false,
            "py" => true,
            _ => return Err("it is neither `.js` nor `.py`".to_owned()),
        };
        let header = Header::read(&code, if is_python { "#" } else { "//" })?;
        if header.images.is_empty() || header.runs == 0 {
            return Err("it is never run".to_owned());
        }
        if let Some(runtime) = header.per.keys().find(|it| !header.images.contains(it)) {
            return Err(format!("it is not for {}", runtime.name()));
        }
        let mut cases = Vec::new();
        for &runtime in &header.images {
            if is_python != (runtime == Runtime::Python) {
                return Err(format!("{} does not run this language", runtime.name()));
            }
            cases.push(Case {
                group: group.to_owned(),
                name: format!("{group}/{name} ({})", runtime.name()),
                runtime,
                request: request(&header, runtime, &code)?,
                expected: Expectation::of(&header, runtime)?,
                runs: header.runs,
                cancel: header.cancel,
            });
        }
        Ok(Self {
            group: group.to_owned(),
            name: name.to_owned(),
            header,
            cases,
        })
    }

    /// Returns it on each of its runtimes, if it means anything with this engine.
    pub fn cases(&self, engine: TestEngine) -> Vec<Case> {
        let name = match engine {
            TestEngine::Native | TestEngine::Zygotes | TestEngine::Ordinary => EngineName::Native,
            TestEngine::Images => EngineName::Images,
            TestEngine::Docker => EngineName::Docker,
        };
        match &self.header.engines {
            Some(engines) if !engines.contains(&name) => Vec::new(),
            _ => self.cases.clone(),
        }
    }
}

/// Returns the request for a function, without an engine's own name for its image.
fn request(header: &Header, runtime: Runtime, code: &str) -> Result<RemoteFunctionRequest, String> {
    let mut members = header.request.clone();
    for (key, value) in [
        ("container_image", json!(runtime.image())),
        ("code", json!(code)),
    ] {
        if members.insert(key.to_owned(), value).is_some() {
            return Err(format!("`request` has `{key}`"));
        }
    }
    members.entry("kind").or_insert_with(|| json!("resolver"));
    let text = Value::Object(members).to_string();
    RemoteFunctionRequest::decode(text.as_bytes(), MAX_REQUEST_BYTES)
        .map_err(|error| format!("`request`: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(ending: &str, members: &str) -> Result<Function, String> {
        let code = format!("# Tries.\n#\n{members}\ndef handler(): pass\n");
        Function::parse("exits", "one", ending, code)
    }

    #[test]
    fn the_file_is_sent_as_it_is_with_the_members_of_its_request() {
        let members = "# images: [\"python\"]\n# outcome: \"timed_out\"\n\
                       # request: {\"timeout_ms\": 300, \"inputs\": {\"b\": 1}}\n";
        let function = parse("py", members).expect("well-formed");
        let cases = function.cases(TestEngine::Native);
        let [case] = cases.as_slice() else {
            panic!("{cases:?}")
        };

        assert_eq!(case.name, "exits/one (python)");
        assert!(case.request.code.starts_with("# Tries.\n#\n# images"));
        assert_eq!(case.request.timeout_ms, Some(300));
        assert_eq!(case.request.inputs.get(), "{\"b\":1}");
    }

    #[test]
    fn an_engine_that_it_means_nothing_with_does_not_run_it() {
        let members = "# images: [\"python\"]\n# outcome: \"timed_out\"\n# engines: [\"docker\"]\n";
        let function = parse("py", members).expect("well-formed");

        assert_eq!(function.cases(TestEngine::Native).len(), 0);
        assert_eq!(function.cases(TestEngine::Docker).len(), 1);
    }

    #[test]
    fn files_that_cannot_be_run_as_they_say_are_refused() {
        let python = "# images: [\"python\"]\n# outcome: \"timed_out\"\n";
        for (ending, members) in [
            ("txt", python.to_owned()),
            ("py", python.replace("python", "node")),
            ("py", format!("{python}# runs: 0\n")),
            ("py", format!("{python}# request: {{\"timeout\": 1}}\n")),
            ("py", format!("{python}# request: {{\"code\": \"1\"}}\n")),
            ("py", format!("{python}# per: {{\"node\": {{}}}}\n")),
        ] {
            parse(ending, &members).expect_err(&members);
        }
    }

    #[test]
    fn every_function_is_well_formed() {
        for function in read_all() {
            assert!(
                !function.cases.is_empty(),
                "{}/{}",
                function.group,
                function.name
            );
        }
    }
}
