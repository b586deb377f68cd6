//! Which images functions may run in, and what is injected into those that bring
//! no runner along.

use sandbox::{InjectionRule, OwnRunner};
use serde::{Deserialize, Serialize};
use veritech_protocol::Kind;
use veritech_server::AllowedImage;

/// Images that may be run, as `[[images]]` says it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawImages {
    /// Their names: `NAME`, `NAME:TAG` or `NAME@DIGEST`, with `*` for any characters.
    pattern: String,
    /// The kinds of functions that may run in them; all if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kinds: Option<Vec<Kind>>,
    /// Whether cyclone and a runner are injected where an image brings none along.
    #[serde(default)]
    inject: bool,
    /// Which runner that is; by the name of the image if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    runner: Option<String>,
}

/// What is allowed, and what is injected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImageRules {
    /// For the dispatcher.
    pub(crate) allowed: Vec<AllowedImage>,
    /// For its engine.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "engines need Linux")
    )]
    pub(crate) injection: Vec<InjectionRule>,
}

impl RawImages {
    /// Returns what may run unless somebody says otherwise: the engines' own images.
    pub(super) fn of_engines() -> Vec<Self> {
        ["builtin/*", "host/*"]
            .map(|pattern| Self {
                pattern: pattern.to_owned(),
                kinds: None,
                inject: false,
                runner: None,
            })
            .to_vec()
    }
}

impl ImageRules {
    /// Checks what the sources said; an error is the key and what is wrong with it.
    pub(super) fn try_new(raw: &[RawImages]) -> Result<Self, (String, String)> {
        let mut rules = Self {
            allowed: Vec::new(),
            injection: Vec::new(),
        };
        for (index, images) in raw.iter().enumerate() {
            let wrong =
                |member: &str, problem: String| (format!("images[{index}].{member}"), problem);
            let pattern: sandbox::ImagePattern = images
                .pattern
                .parse()
                .map_err(|error: sandbox::InvalidPattern| wrong("pattern", error.to_string()))?;
            let runner = images
                .runner
                .as_deref()
                .map(str::parse::<OwnRunner>)
                .transpose()
                .map_err(|error| wrong("runner", error.to_string()))?;
            if images.inject {
                rules.injection.push(InjectionRule {
                    pattern: pattern.clone(),
                    runner,
                });
            } else if runner.is_some() {
                return Err(wrong("runner", "needs `inject = true`".to_owned()));
            }
            rules.allowed.push(AllowedImage {
                pattern,
                kinds: images.kinds.clone(),
            });
        }
        Ok(rules)
    }

    /// Allows every image, with `runner` injected where nothing else is said.
    pub(super) fn allow_all(&mut self, runner: Option<OwnRunner>) {
        let Ok(pattern) = "*".parse::<sandbox::ImagePattern>() else {
            return;
        };
        self.allowed.push(AllowedImage {
            pattern: pattern.clone(),
            kinds: None,
        });
        let rule = InjectionRule { pattern, runner };
        match runner {
            // Whoever names a runner means it.
            Some(_) => self.injection.insert(0, rule),
            None => self.injection.push(rule),
        }
    }

    /// Returns whether images of registries may run.
    #[cfg(target_os = "linux")]
    pub(crate) fn allow_registries(&self) -> bool {
        self.allowed
            .iter()
            .any(|allowed| !sandbox::reference::is_local(&allowed.pattern.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(toml: &str) -> Result<ImageRules, (String, String)> {
        #[derive(Deserialize)]
        struct File {
            images: Vec<RawImages>,
        }
        let file: File = toml::from_str(toml).expect("TOML");
        ImageRules::try_new(&file.images)
    }

    #[test]
    fn what_is_allowed_need_not_be_injected_into() {
        let rules = rules(
            "[[images]]\npattern = 'a/*'\nkinds = ['action']\n\
             [[images]]\npattern = 'node:24'\ninject = true\n",
        )
        .expect("valid");
        assert_eq!(rules.allowed.len(), 2);
        assert_eq!(rules.injection.len(), 1);
        assert_eq!(rules.injection[0].pattern.to_string(), "node:24");
    }

    #[test]
    fn mistakes_are_named_by_their_place() {
        for (toml, key) in [
            ("[[images]]\npattern = 'a b'\n", "images[0].pattern"),
            (
                "[[images]]\npattern = 'a'\n[[images]]\npattern = 'b'\ninject = true\nrunner = 'cobol'\n",
                "images[1].runner",
            ),
            (
                "[[images]]\npattern = 'a'\nrunner = 'node'\n",
                "images[0].runner",
            ),
        ] {
            assert_eq!(rules(toml).expect_err(toml).0, key);
        }
    }
}
