//! The examples in the documentation keep to the schemas.

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value;

/// One fenced block of JSON in a document.
struct Example {
    document: PathBuf,
    line: usize,
    text: String,
}

fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("the package lies in the workspace")
}

fn schema(name: &str) -> Validator {
    let path = root().join("schemas").join(name);
    let text = fs::read_to_string(&path).expect("a schema");
    let schema = serde_json::from_str(&text).expect("JSON");
    jsonschema::validator_for(&schema).expect("a valid schema")
}

/// Returns the documents at the root and everything below `docs`.
fn documents() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut directories = vec![root().join("docs")];
    let mut files: Vec<_> = entries(root());
    while let Some(directory) = directories.pop() {
        for path in entries(&directory) {
            if path.is_dir() {
                directories.push(path);
            } else {
                files.push(path);
            }
        }
    }
    found.extend(
        files
            .into_iter()
            .filter(|path| path.extension().is_some_and(|end| end == "md")),
    );
    found
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory of documents");
    entries
        .map(|entry| entry.expect("an entry").path())
        .collect()
}

fn examples(document: &Path) -> Vec<Example> {
    let text = fs::read_to_string(document).expect("a document");
    let mut found: Vec<Example> = Vec::new();
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        match (inside, line.trim()) {
            (false, "```json") => {
                inside = true;
                found.push(Example {
                    document: document.to_owned(),
                    line: number + 1,
                    text: String::new(),
                });
            }
            (true, "```") => inside = false,
            (true, _) => {
                if let Some(example) = found.last_mut() {
                    example.text.push_str(line);
                    example.text.push('\n');
                }
            }
            (false, _) => {}
        }
    }
    found
}

impl Example {
    /// Returns what is wrong with each of its JSON values, of which several
    /// may follow each other.
    fn problems(&self, request: &Validator, event: &Validator) -> Vec<String> {
        let values = serde_json::Deserializer::from_str(&self.text).into_iter::<Value>();
        let problem = |text: String| format!("{}:{}: {text}", self.document.display(), self.line);
        values
            .filter_map(|value| match value {
                Err(error) => Some(problem(error.to_string())),
                Ok(value) => {
                    let schema = if value.get("event").is_some() {
                        event
                    } else if value.get("code").is_some() && value.get("container_image").is_some()
                    {
                        request
                    } else {
                        return None;
                    };
                    let error = schema.validate(&value).err()?;
                    Some(problem(format!("{error} at `{}`", error.instance_path())))
                }
            })
            .collect()
    }
}

#[test]
fn every_request_and_event_in_the_documents_keeps_to_its_schema() {
    let (request, event) = (schema("remote_function_request.json"), schema("event.json"));
    let examples: Vec<_> = documents().iter().flat_map(|path| examples(path)).collect();
    let problems: Vec<_> = examples
        .iter()
        .flat_map(|example| example.problems(&request, &event))
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(!examples.is_empty(), "the documents have no examples");
}

#[test]
fn a_wrong_example_would_be_noticed() {
    let (request, event) = (schema("remote_function_request.json"), schema("event.json"));
    for text in [
        r#"{"kind": "oracle", "container_image": "a", "code": ""}"#,
        r#"{"kind": "resolver", "container_image": "a", "code": "", "colour": "red"}"#,
        r#"{"event": "accepted", "id": "x"}"#,
        "{",
    ] {
        let example = Example {
            document: PathBuf::from("none.md"),
            line: 1,
            text: text.to_owned(),
        };
        assert_eq!(example.problems(&request, &event).len(), 1, "{text}");
    }
}
