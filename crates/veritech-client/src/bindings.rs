//! Which backend gives which prop its value.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::backend::{InvalidNumber, ResolverBackend};
use crate::mapping::{Mapping, MappingErrors};
use crate::pointer::{self, Pointer};
use crate::prop::{Prop, Shape};
use crate::resolve::plan::{CycleError, Ended, Plan};
use crate::schema::Schema;

/// Backends, each bound to a prop of one schema.
///
/// What can be known without calling anything is checked when a backend is bound: that
/// there is such a prop, that a literal fits it, that every input names a prop. What
/// [`Json`](ResolverBackend::Json) and functions give is checked when it is resolved,
/// and [`Unset`](ResolverBackend::Unset) may be bound to any prop.
///
/// # Examples
///
/// ```
/// use veritech_client::{Bindings, FunctionBackend, Prop, ResolverBackend, Schema};
///
/// let schema = Schema::try_new(
///     Prop::object()
///         .prop("host", Prop::string().required())
///         .prop("port", Prop::integer())
///         .prop("url", Prop::string()),
/// )?;
/// let url = FunctionBackend::javascript(
///     "builtin/quickjs",
///     "export default ({ host, port = 443 }) => `https://${host}:${port}/`",
/// );
/// let bindings = Bindings::new(schema)
///     .bind("/host".parse()?, ResolverBackend::String { value: "db1".to_owned() })?
///     .bind(
///         "/url".parse()?,
///         url.input_from("host", "/host".parse()?)
///             .input_from("port", "/port".parse()?),
///     )?;
///
/// let refused = bindings
///     .bind("/port".parse()?, ResolverBackend::String { value: "443".to_owned() })
///     .expect_err("no string is an integer");
/// assert_eq!(
///     refused.to_string(),
///     "the string does not fit: `/port`: expected an integer, found the string \"443\""
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Bindings {
    schema: Schema,
    mapping: Mapping,
    bound: BTreeMap<Pointer, ResolverBackend>,
}

/// A backend that cannot be bound.
///
/// # Examples
///
/// ```
/// use veritech_client::{BindError, Bindings, Pointer, Prop, ResolverBackend, Schema};
///
/// let bindings = Bindings::new(Schema::try_new(Prop::integer())?);
/// let word = ResolverBackend::String { value: "eighty".to_owned() };
/// match bindings.bind(Pointer::root(), word) {
///     Err(BindError::Unfit { errors, .. }) => {
///         assert_eq!(errors.to_string(), "expected an integer, found the string \"eighty\"");
///     }
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), veritech_client::InvalidSchema>(())
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BindError {
    /// The schema has no such prop.
    #[error("the schema has no prop `{at}`")]
    NoSuchProp {
        /// Where it was to be bound.
        at: Pointer,
    },
    /// An array has its elements from one backend.
    #[error("`{at}` is an element of an array: bind `{array}`, all of it")]
    ArrayElement {
        /// Where it was to be bound.
        at: Pointer,
        /// The array.
        array: Pointer,
    },
    /// A prop has its value from one backend.
    #[error("`{at}` cannot be bound beside `{other}`, since one is or holds the other")]
    Overlap {
        /// Where it was to be bound.
        at: Pointer,
        /// What is bound already.
        other: Pointer,
    },
    /// The literal is not a value of the prop.
    #[error("the {kind} does not fit: {errors}")]
    Unfit {
        /// Where it was to be bound.
        at: Pointer,
        /// The backend's kind.
        kind: &'static str,
        /// What does not fit, and where.
        errors: MappingErrors,
    },
    /// The literal is a number that properties do not have.
    #[error("the {kind} cannot be the value of `{at}`: must be {expected}, got {found}")]
    InvalidNumber {
        /// Where it was to be bound.
        at: Pointer,
        /// The backend's kind.
        kind: &'static str,
        /// Which numbers there are.
        expected: &'static str,
        /// The number.
        found: String,
    },
    /// An input is to be the value of a prop that the schema does not have.
    #[error("the input `{input}` of `{at}` names no prop of the schema: `{prop}`")]
    NoSuchInput {
        /// Where it was to be bound.
        at: Pointer,
        /// The input's name.
        input: String,
        /// The prop that it names.
        prop: Pointer,
    },
}

impl Bindings {
    /// Returns no bindings, to props of this schema.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Bindings, Prop, Schema};
    ///
    /// let bindings = Bindings::new(Schema::try_new(Prop::map(Prop::string()))?);
    /// assert_eq!(bindings.iter().count(), 0);
    /// # Ok::<(), veritech_client::InvalidSchema>(())
    /// ```
    pub fn new(schema: Schema) -> Self {
        Self::with_mapping(schema, Mapping::default())
    }

    /// Returns no bindings, with other bounds on values than the default ones.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Bindings, Mapping, MappingLimits, Prop, Schema};
    ///
    /// let limits = MappingLimits { depth: 8, ..MappingLimits::default() };
    /// let mapping = Mapping { limits };
    /// let bindings = Bindings::with_mapping(Schema::try_new(Prop::json())?, mapping);
    /// # Ok::<(), veritech_client::InvalidSchema>(())
    /// ```
    pub fn with_mapping(schema: Schema, mapping: Mapping) -> Self {
        Self {
            schema,
            mapping,
            bound: BTreeMap::new(),
        }
    }

    /// Binds a backend to the prop at `at`: the whole schema's is the empty pointer, a
    /// member of a map is any key of it.
    ///
    /// # Errors
    ///
    /// Returns why it cannot be bound there. The bindings are then gone with the error;
    /// clone them before, or use [`try_bind`](Self::try_bind), to keep them.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Bindings, FunctionBackend, Prop, ResolverBackend, Schema};
    ///
    /// let code = "export default ({ name }) => `https://${name}.example.com`";
    /// let url = FunctionBackend::javascript("builtin/quickjs", code)
    ///     .input_from("name", "/name".parse()?);
    /// let bindings = Bindings::new(Schema::try_new(Prop::map(Prop::string()))?)
    ///     .bind("/name".parse()?, ResolverBackend::String { value: "shop".to_owned() })?
    ///     .bind("/url".parse()?, url)?;
    /// assert_eq!(bindings.iter().count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn bind(
        mut self,
        at: Pointer,
        backend: impl Into<ResolverBackend>,
    ) -> Result<Self, BindError> {
        self.try_bind(at, backend.into())?;
        Ok(self)
    }

    /// Does what [`bind`](Self::bind) does, in place; on an error nothing has changed.
    ///
    /// # Errors
    ///
    /// Returns why it cannot be bound there.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Bindings, Prop, ResolverBackend, Schema};
    ///
    /// let mut bindings = Bindings::new(Schema::try_new(Prop::map(Prop::string()))?);
    /// bindings.try_bind("/owner".parse()?, ResolverBackend::Unset)?;
    /// bindings.try_bind("/owner/name".parse()?, ResolverBackend::Unset).expect_err("no such prop");
    /// assert_eq!(bindings.iter().count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_bind(&mut self, at: Pointer, backend: ResolverBackend) -> Result<(), BindError> {
        let prop = self.bindable(&at)?;
        self.check_overlap(&at)?;
        self.check_literal(&at, prop, &backend)?;
        self.check_inputs(&at, &backend)?;
        self.bound.insert(at, backend);
        Ok(())
    }

    /// Returns each prop that is bound, and its backend, in the order of their pointers.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Bindings, Prop, ResolverBackend, Schema};
    ///
    /// let schema = Schema::try_new(Prop::json())?;
    /// let bindings = Bindings::new(schema).bind("".parse()?, ResolverBackend::Unset)?;
    /// let kinds: Vec<_> = bindings.iter().map(|(_, backend)| backend.kind()).collect();
    /// assert_eq!(kinds, ["unset"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&Pointer, &ResolverBackend)> {
        self.bound.iter()
    }

    /// Returns the schema.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Bindings, Prop, Schema};
    ///
    /// let schema = Schema::try_new(Prop::json())?;
    /// assert_eq!(Bindings::new(schema.clone()).schema(), &schema);
    /// # Ok::<(), veritech_client::InvalidSchema>(())
    /// ```
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Returns the props in an order in which each comes after those that it needs,
    /// without resolving anything.
    ///
    /// # Errors
    ///
    /// Returns a cycle, if props need each other.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Bindings, FunctionBackend, Prop, ResolverBackend, Schema};
    ///
    /// let double = FunctionBackend::javascript("builtin/quickjs", "export default ({ n }) => 2 * n");
    /// let bindings = Bindings::new(Schema::try_new(Prop::map(Prop::integer()))?)
    ///     .bind("/a".parse()?, double.input_from("n", "/b".parse()?))?
    ///     .bind("/b".parse()?, ResolverBackend::Integer { value: 4 })?;
    /// let order: Vec<_> = bindings.order()?.iter().map(ToString::to_string).collect();
    /// assert_eq!(order, ["/b", "/a"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn order(&self) -> Result<Vec<Pointer>, CycleError> {
        let places: Vec<&Pointer> = self.bound.keys().collect();
        let mut plan = self.plan()?;
        let mut order = Vec::new();
        while let Some(number) = plan.next_ready() {
            order.extend(places.get(number).copied().cloned());
            drop(plan.end(number, Ended::Resolved));
        }
        Ok(order)
    }

    pub(crate) fn plan(&self) -> Result<Plan, CycleError> {
        Plan::new(self.bound.iter().map(|(at, backend)| {
            let function = backend.function().into_iter();
            let needs = function.flat_map(|function| function.inputs_from_props());
            (at, needs.map(|(_, prop)| prop))
        }))
    }

    pub(crate) fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// Returns the prop at a place where a backend can be bound.
    fn bindable(&self, at: &Pointer) -> Result<&Prop, BindError> {
        let mut prop = self.schema.prop();
        let mut place = Pointer::root();
        for token in at.tokens() {
            let member = match prop.shape() {
                Shape::Object(props) => props.get(token),
                Shape::Map(values) => Some(values.as_ref()),
                Shape::Array(_) => {
                    return Err(BindError::ArrayElement {
                        at: at.clone(),
                        array: place,
                    });
                }
                Shape::String | Shape::Integer | Shape::Number | Shape::Boolean | Shape::Json => {
                    None
                }
            };
            prop = member.ok_or_else(|| BindError::NoSuchProp { at: at.clone() })?;
            place = place.child(token);
        }
        Ok(prop)
    }

    /// Since none of those that are bound holds another, the one before and the one
    /// after are the only ones that can hold this or lie in it.
    fn check_overlap(&self, at: &Pointer) -> Result<(), BindError> {
        let before = self.bound.range(..=at).next_back();
        let after = self
            .bound
            .range((Bound::Excluded(at), Bound::Unbounded))
            .next();
        let holds = |(other, _): &(&Pointer, &ResolverBackend)| {
            other.is_prefix_of(at) || at.is_prefix_of(other)
        };
        match before.into_iter().chain(after).find(holds) {
            None => Ok(()),
            Some((other, _)) => Err(BindError::Overlap {
                at: at.clone(),
                other: other.clone(),
            }),
        }
    }

    fn check_literal(
        &self,
        at: &Pointer,
        prop: &Prop,
        backend: &ResolverBackend,
    ) -> Result<(), BindError> {
        let kind = backend.kind();
        let Some(literal) = backend.literal() else {
            return Ok(());
        };
        let literal = literal.map_err(|InvalidNumber { expected, found }| {
            let at = at.clone();
            BindError::InvalidNumber {
                at,
                kind,
                expected,
                found,
            }
        })?;
        let mapped = self.mapping.map_value(prop, at, Some(&literal));
        mapped.map(drop).map_err(|errors| BindError::Unfit {
            at: at.clone(),
            kind,
            errors,
        })
    }

    fn check_inputs(&self, at: &Pointer, backend: &ResolverBackend) -> Result<(), BindError> {
        let function = backend.function().into_iter();
        let mut inputs = function.flat_map(|function| function.inputs_from_props());
        match inputs.find(|(_, prop)| !self.has_place(prop)) {
            None => Ok(()),
            Some((input, prop)) => Err(BindError::NoSuchInput {
                at: at.clone(),
                input: input.to_owned(),
                prop: prop.clone(),
            }),
        }
    }

    /// Whether there can be a value at a place. What is within JSON, nobody knows yet.
    fn has_place(&self, place: &Pointer) -> bool {
        let mut prop = self.schema.prop();
        for token in place.tokens() {
            let member = match prop.shape() {
                Shape::Object(props) => props.get(token),
                Shape::Map(values) => Some(values.as_ref()),
                Shape::Array(items) => Some(items.as_ref()).filter(|_| pointer::is_index(token)),
                Shape::Json => return true,
                Shape::String | Shape::Integer | Shape::Number | Shape::Boolean => None,
            };
            match member {
                Some(member) => prop = member,
                None => return false,
            }
        }
        true
    }
}

#[cfg(test)]
mod tests;
