//! What came of a set of bindings.

use std::collections::BTreeMap;
use std::fmt;

use super::ResolveError;
use crate::bindings::Bindings;
use crate::mapping::{Mapping, MappingErrors};
use crate::pointer::Pointer;
use crate::property::{PropertyTree, PropertyValue};
use crate::schema::Schema;

/// How many props are named where some have no value.
const NAMED: usize = 8;

/// The properties of a schema after its bindings were resolved.
///
/// # Examples
///
/// ```no_run
/// # async fn example(client: veritech_client::Client, bindings: veritech_client::Bindings) -> Result<(), Box<dyn std::error::Error>> {
/// let resolutions = client.resolve_all(&bindings).await?;
/// println!("{}", resolutions.tree().to_json());
/// if !resolutions.unresolved().is_empty() {
///     eprintln!("{} of them have no value", resolutions.unresolved().len());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Resolutions {
    schema: Schema,
    mapping: Mapping,
    tree: PropertyTree,
    unresolved: BTreeMap<Pointer, Unresolved>,
}

/// Why a binding gave no value.
///
/// # Examples
///
/// ```
/// use veritech_client::Unresolved;
///
/// fn is_its_own_fault(why: &Unresolved) -> bool {
///     match why {
///         Unresolved::Failed(_) => true,
///         Unresolved::Dependent { .. } => false,
///     }
/// }
/// ```
#[derive(Debug)]
pub enum Unresolved {
    /// It failed.
    Failed(ResolveError),
    /// It needs the value of a prop that has none.
    Dependent {
        /// The prop whose backend failed.
        cause: Pointer,
    },
}

/// Properties that are not all there.
///
/// # Examples
///
/// ```no_run
/// use veritech_client::Incomplete;
///
/// # async fn example(client: veritech_client::Client, bindings: veritech_client::Bindings) -> Result<(), Box<dyn std::error::Error>> {
/// match client.resolve_all(&bindings).await?.into_complete() {
///     Ok(tree) => println!("{}", tree.to_json()),
///     Err(Incomplete::Unresolved { unresolved }) => {
///         for (prop, why) in unresolved {
///             eprintln!("{prop}: {why}");
///         }
///     }
///     Err(missing) => eprintln!("{missing}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
pub enum Incomplete {
    /// Bindings gave no value.
    #[error("{}", Named(unresolved))]
    Unresolved {
        /// Each of them, and why.
        unresolved: BTreeMap<Pointer, Unresolved>,
    },
    /// Required props are not set, since nothing is bound to them.
    #[error("required props are not set")]
    Missing(#[source] MappingErrors),
}

/// The props that have no value, the first of them with their reasons.
struct Named<'a>(&'a BTreeMap<Pointer, Unresolved>);

impl Resolutions {
    /// Nothing is resolved yet.
    pub(super) fn none(bindings: &Bindings) -> Self {
        Self {
            schema: bindings.schema().clone(),
            mapping: bindings.mapping().clone(),
            tree: PropertyTree::unset(bindings.schema()),
            unresolved: BTreeMap::new(),
        }
    }

    /// Returns the properties. Those that are not resolved are unset, like those to
    /// which nothing is bound.
    ///
    /// # Examples
    ///
    /// ```
    /// fn hostname(resolutions: &veritech_client::Resolutions) -> Option<&str> {
    ///     resolutions.tree().get("/network/hostname")?.as_str()
    /// }
    /// ```
    pub fn tree(&self) -> &PropertyTree {
        &self.tree
    }

    /// Returns the bindings that gave no value, by their props, and why.
    ///
    /// # Examples
    ///
    /// ```
    /// fn failures(resolutions: &veritech_client::Resolutions) -> Vec<String> {
    ///     let unresolved = resolutions.unresolved().iter();
    ///     unresolved.map(|(prop, why)| format!("{prop}: {why}")).collect()
    /// }
    /// ```
    pub fn unresolved(&self) -> &BTreeMap<Pointer, Unresolved> {
        &self.unresolved
    }

    /// Returns the properties if they are all there: every binding resolved, every
    /// required prop set.
    ///
    /// # Errors
    ///
    /// Returns what is missing, and why.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Incomplete, PropertyTree, Resolutions};
    ///
    /// fn complete(resolutions: Resolutions) -> Result<PropertyTree, Incomplete> {
    ///     resolutions.into_complete()
    /// }
    /// ```
    pub fn into_complete(self) -> Result<PropertyTree, Incomplete> {
        let Self {
            schema,
            mapping,
            tree,
            unresolved,
        } = self;
        if !unresolved.is_empty() {
            return Err(Incomplete::Unresolved { unresolved });
        }
        let json = tree.to_json();
        let json = tree.root().is_set().then_some(&json);
        match mapping.map_value(schema.prop(), &Pointer::root(), json) {
            Ok(_) => Ok(tree),
            Err(errors) => Err(Incomplete::Missing(errors)),
        }
    }

    pub(super) fn resolved(&mut self, value: PropertyValue) {
        let placed = self.tree.replace(value);
        placed.expect("invariant: a value is mapped for its place");
    }

    pub(super) fn failed(&mut self, at: &Pointer, error: ResolveError) {
        self.unresolved
            .insert(at.clone(), Unresolved::Failed(error));
    }

    pub(super) fn lost(&mut self, at: &Pointer, cause: &Pointer) {
        let cause = cause.clone();
        self.unresolved
            .insert(at.clone(), Unresolved::Dependent { cause });
    }
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => {
                write!(f, "{error}")?;
                let mut source = std::error::Error::source(error);
                while let Some(cause) = source {
                    write!(f, ": {cause}")?;
                    source = cause.source();
                }
                Ok(())
            }
            Self::Dependent { cause } => write!(f, "needs `{cause}`, which has no value"),
        }
    }
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(unresolved) = self;
        write!(f, "{} props have no value:", unresolved.len())?;
        for (prop, why) in unresolved.iter().take(NAMED) {
            write!(f, "\n  `{prop}`: {why}")?;
        }
        match unresolved.len().checked_sub(NAMED) {
            Some(more) if more > 0 => write!(f, "\n  … and {more} more"),
            Some(_) | None => Ok(()),
        }
    }
}
