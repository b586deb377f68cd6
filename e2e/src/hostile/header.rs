//! What a hostile function's file says of itself, in its first comments.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::case::Runtime;

/// What is expected of a function, as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    /// The runtimes it is for.
    pub(super) images: Vec<Runtime>,
    pub(super) outcome: Outcomes,
    #[serde(default, deserialize_with = "present")]
    pub(super) value: Option<Value>,
    #[serde(default)]
    pub(super) unset: bool,
    #[serde(default)]
    pub(super) details: Option<Map<String, Value>>,
    #[serde(default)]
    pub(super) message: Option<String>,
    #[serde(default)]
    pub(super) output: Option<String>,
    #[serde(default)]
    pub(super) no_output: Option<String>,
    /// Members of the request.
    #[serde(default)]
    pub(super) request: Map<String, Value>,
    #[serde(default = "once")]
    pub(super) runs: usize,
    #[serde(default)]
    pub(super) cancel: bool,
    /// The engines that it means something with; all, if it says nothing.
    #[serde(default)]
    pub(super) engines: Option<Vec<EngineName>>,
    /// Where one runtime differs.
    #[serde(default)]
    pub(super) per: BTreeMap<Runtime, Deviation>,
}

/// What one runtime does differently.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Deviation {
    pub(super) outcome: Option<Outcomes>,
    #[serde(default, deserialize_with = "present")]
    pub(super) value: Option<Value>,
    #[serde(default)]
    pub(super) unset: bool,
    pub(super) details: Option<Map<String, Value>>,
    pub(super) message: Option<String>,
}

/// `success` or the code of a failure; several where any of them will do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Outcomes {
    One(String),
    AnyOf(Vec<String>),
}

/// An engine of the tests, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum EngineName {
    Native,
    Images,
    Docker,
}

impl Outcomes {
    pub(super) fn names(&self) -> Vec<String> {
        match self {
            Self::One(name) => vec![name.clone()],
            Self::AnyOf(names) => names.clone(),
        }
    }
}

const fn once() -> usize {
    1
}

/// Reads a member that may be null, and is then there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Header {
    /// Reads the comments at the beginning of `text`, which all begin with `mark`.
    pub(super) fn read(text: &str, mark: &str) -> Result<Self, String> {
        let mut lines = text
            .lines()
            .map_while(|line| line.strip_prefix(mark))
            .map(str::trim);
        let prose: Vec<&str> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
        if prose.is_empty() {
            return Err("it does not begin with what it tries".to_owned());
        }
        let mut members = Map::new();
        for line in lines.take_while(|line| !line.is_empty()) {
            let (key, value) = line
                .split_once(": ")
                .ok_or_else(|| format!("`{line}` is no `key: JSON`"))?;
            let value = serde_json::from_str(value)
                .map_err(|error| format!("`{key}` is no JSON: {error}"))?;
            if members.insert(key.to_owned(), value).is_some() {
                return Err(format!("`{key}` is there twice"));
            }
        }
        serde_json::from_value(Value::Object(members)).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "// Tries something.\n// In two lines.\n//\n";

    fn read(members: &str) -> Result<Header, String> {
        Header::read(&format!("{HEAD}{members}\nexport default 1;\n"), "//")
    }

    #[test]
    fn members_are_read_up_to_the_function() {
        let header = read(
            "// images: [\"quickjs\", \"node\"]\n// outcome: \"success\"\n// value: null\n\n// not: a member\n",
        )
        .expect("it is well-formed");

        assert_eq!(header.images, [Runtime::Quickjs, Runtime::Node]);
        assert_eq!(header.outcome.names(), ["success"]);
        assert_eq!(header.value, Some(Value::Null));
        assert_eq!((header.runs, header.cancel), (1, false));
    }

    #[test]
    fn what_is_unknown_twice_or_malformed_is_refused_by_name() {
        let images = "// images: [\"node\"]\n";
        for (members, name) in [
            (format!("{images}// outcom: \"success\"\n"), "outcom"),
            (format!("{images}{images}"), "`images` is there twice"),
            (
                format!("{images}// outcome: success\n"),
                "`outcome` is no JSON",
            ),
            (
                format!("{images}// outcome\n"),
                "`outcome` is no `key: JSON`",
            ),
            ("// images: [\"perl\"]\n".to_owned(), "perl"),
            (images.to_owned(), "outcome"),
            (
                format!("{images}// outcome: \"success\"\n// per: {{\"node\": {{\"runs\": 2}}}}\n"),
                "runs",
            ),
        ] {
            let error = read(&members).expect_err(&members);
            assert!(error.contains(name), "{members}: {error}");
        }
    }

    #[test]
    fn a_function_without_prose_is_refused() {
        let text = "#\n# images: [\"python\"]\n# outcome: \"exception\"\n";
        Header::read(text, "#").expect_err("nothing says what it tries");
    }
}
