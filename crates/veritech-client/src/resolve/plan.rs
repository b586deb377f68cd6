//! In which order bindings are resolved: a dependency graph, without clock, socket
//! or task.
//!
//! Its nodes are the props that are bound and those that they lie in, so that a
//! function may take a whole object whose members are bound one by one:
//!
//! ```text
//!            needs
//!   /url ───────────▶ /network ──▶ /network/host    a prop needs its members,
//!                         └──────▶ /network/port    a function its inputs
//! ```
//!
//! The work is linear in the number of props, of inputs, and in how deep they lie.

use std::collections::{HashMap, VecDeque};
use std::fmt;

use crate::pointer::Pointer;

/// How many props of a long cycle are printed.
const PRINTED: usize = 12;

/// A binding, by its number in the order in which they were given.
pub(crate) type Number = usize;

/// What is still to be resolved, and what waits for what.
#[derive(Debug)]
pub(crate) struct Plan {
    nodes: Vec<Node>,
    /// The node of each binding.
    bound: Vec<usize>,
    ready: VecDeque<Number>,
}

/// A prop that is bound, or that one lies in.
#[derive(Debug)]
struct Node {
    pointer: Pointer,
    binding: Option<Number>,
    /// How many nodes it still waits for.
    waits_for: usize,
    /// The nodes that wait for it.
    then: Vec<usize>,
    /// The binding whose failure has reached it.
    cause: Option<Number>,
}

/// Props that need each other's values, so that none can be the first.
///
/// # Examples
///
/// ```
/// use veritech_client::{Bindings, FunctionBackend, Prop, Schema};
///
/// let schema = Schema::try_new(Prop::object().prop("a", Prop::json()))?;
/// let code = "export default ({ a }) => a";
/// let itself = FunctionBackend::javascript("builtin/quickjs", code).input_from("a", "/a".parse()?);
/// let bindings = Bindings::new(schema).bind("/a".parse()?, itself)?;
/// let cycle = bindings.order().expect_err("it needs itself");
/// assert_eq!(cycle.to_string(), "props need each other: `/a` needs `/a`");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CycleError {
    props: Vec<Pointer>,
}

/// How a binding ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// With a value, or unset.
    Resolved,
    /// Without.
    Failed,
}

impl CycleError {
    /// Returns the props, each of which needs the next; the last needs the first.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Bindings, FunctionBackend, Prop, Schema};
    ///
    /// let schema = Schema::try_new(Prop::map(Prop::integer()))?;
    /// let next = |prop: &str| {
    ///     let code = "export default ({ n }) => n + 1";
    ///     let backend = FunctionBackend::javascript("builtin/quickjs", code);
    ///     Ok::<_, veritech_client::InvalidPointer>(backend.input_from("n", prop.parse()?))
    /// };
    /// let bindings = Bindings::new(schema)
    ///     .bind("/a".parse()?, next("/b")?)?
    ///     .bind("/b".parse()?, next("/a")?)?;
    /// let cycle = bindings.order().expect_err("neither can be the first");
    /// assert_eq!(cycle.to_string(), "props need each other: `/a` needs `/b` needs `/a`");
    /// assert_eq!(cycle.props().len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn props(&self) -> &[Pointer] {
        &self.props
    }
}

impl fmt::Display for CycleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("props need each other:")?;
        for prop in self.props.iter().take(PRINTED) {
            write!(f, " `{prop}` needs")?;
        }
        if let Some(more) = self.props.len().checked_sub(PRINTED)
            && more > 0
        {
            write!(f, " … ({more} more) needs")?;
        }
        match self.props.first() {
            Some(first) => write!(f, " `{first}`"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CycleError {}

impl Plan {
    /// Plans bindings: where each lies, and which props it needs. None lies in another.
    ///
    /// # Errors
    ///
    /// Returns a cycle, if there is one.
    pub(crate) fn new<'a, Needs>(
        bindings: impl IntoIterator<Item = (&'a Pointer, Needs)>,
    ) -> Result<Self, CycleError>
    where
        Needs: IntoIterator<Item = &'a Pointer>,
    {
        let mut places = Places::default();
        let mut needs = Vec::new();
        for (number, (pointer, needed)) in bindings.into_iter().enumerate() {
            let node = places.add(pointer, number);
            needs.extend(needed.into_iter().map(|needed| (node, needed)));
        }
        for (node, needed) in needs {
            if let Some(needed) = places.find(needed) {
                places.wait(node, needed);
            }
        }
        let Places { nodes, bound, .. } = places;
        let mut plan = Self {
            ready: VecDeque::new(),
            nodes,
            bound,
        };
        plan.refuse_cycles()?;
        plan.ready = (0..plan.bound.len())
            .filter(|number| plan.is_free(*number))
            .collect();
        Ok(plan)
    }

    /// Returns the next binding whose inputs are all there.
    pub(crate) fn next_ready(&mut self) -> Option<Number> {
        self.ready.pop_front()
    }

    /// Takes the end of a binding. Returns those that can now never be resolved, each
    /// with the binding whose failure is the cause.
    pub(crate) fn end(&mut self, number: Number, ended: Ended) -> Vec<(Number, Number)> {
        let mut lost = Vec::new();
        let Some(node) = self.bound.get(number).copied() else {
            return lost;
        };
        if ended == Ended::Failed
            && let Some(node) = self.nodes.get_mut(node)
        {
            node.cause = Some(number);
        }
        let mut done = vec![node];
        while let Some((cause, then)) = done.pop().and_then(|node| self.take(node)) {
            for waiting in then {
                let Some(node) = self.nodes.get_mut(waiting) else {
                    continue;
                };
                node.waits_for = node.waits_for.saturating_sub(1);
                node.cause = node.cause.or(cause);
                if node.waits_for > 0 {
                    continue;
                }
                match (node.binding, node.cause) {
                    (Some(number), None) => self.ready.push_back(number),
                    (Some(number), Some(cause)) => {
                        lost.push((number, cause));
                        done.push(waiting);
                    }
                    (None, _) => done.push(waiting),
                }
            }
        }
        lost
    }

    fn take(&mut self, node: usize) -> Option<(Option<Number>, Vec<usize>)> {
        let node = self.nodes.get_mut(node)?;
        Some((node.cause, std::mem::take(&mut node.then)))
    }

    fn is_free(&self, number: Number) -> bool {
        let node = self
            .bound
            .get(number)
            .and_then(|node| self.nodes.get(*node));
        node.is_some_and(|node| node.waits_for == 0)
    }

    /// Goes through all of it once (Kahn's algorithm): what is left needs itself.
    fn refuse_cycles(&self) -> Result<(), CycleError> {
        let mut waits_for: Vec<usize> = self.nodes.iter().map(|node| node.waits_for).collect();
        let mut done: Vec<usize> = (0..self.nodes.len())
            .filter(|node| waits_for.get(*node) == Some(&0))
            .collect();
        while let Some(node) = done.pop() {
            for then in self.then(node) {
                if let Some(left) = waits_for.get_mut(*then) {
                    *left = left.saturating_sub(1);
                    if *left == 0 {
                        done.push(*then);
                    }
                }
            }
        }
        let is_left = |node: &usize| waits_for.get(*node).is_some_and(|left| *left > 0);
        match (0..self.nodes.len()).find(is_left) {
            None => Ok(()),
            Some(first) => Err(self.cycle(first, is_left)),
        }
    }

    /// Returns a cycle among the nodes that are left, each of which needs another one.
    fn cycle(&self, first: usize, is_left: impl Fn(&usize) -> bool) -> CycleError {
        let mut needs = HashMap::new();
        for node in (0..self.nodes.len()).filter(&is_left) {
            for then in self.then(node).iter().filter(|then| is_left(then)) {
                needs.insert(*then, node);
            }
        }
        let mut path = vec![first];
        let mut seen = HashMap::from([(first, 0)]);
        let mut node = first;
        while let Some(needed) = needs.get(&node) {
            if let Some(start) = seen.get(needed) {
                path.drain(..*start);
                break;
            }
            seen.insert(*needed, path.len());
            path.push(*needed);
            node = *needed;
        }
        let places = path.into_iter().filter_map(|node| self.nodes.get(node));
        let mut props: Vec<Pointer> = places.map(|node| node.pointer.clone()).collect();
        // However it was found, it is told alike.
        let least = (0..props.len()).min_by_key(|at| props.get(*at));
        props.rotate_left(least.unwrap_or_default());
        CycleError { props }
    }

    fn then(&self, node: usize) -> &[usize] {
        self.nodes.get(node).map_or(&[], |node| &node.then)
    }
}

/// The tree of the places that are bound and those above them.
#[derive(Default)]
struct Places {
    nodes: Vec<Node>,
    bound: Vec<usize>,
    members: HashMap<(usize, String), usize>,
}

impl Places {
    /// Adds a binding and everything that it lies in, and returns its node.
    fn add(&mut self, pointer: &Pointer, number: Number) -> usize {
        if self.nodes.is_empty() {
            self.push(Pointer::root());
        }
        let mut node = 0;
        let mut place = Pointer::root();
        for token in pointer.tokens() {
            place = place.child(token);
            let key = (node, token.to_owned());
            node = match self.members.get(&key) {
                Some(member) => *member,
                None => {
                    let member = self.push(place.clone());
                    self.members.insert(key, member);
                    self.wait(node, member);
                    member
                }
            };
        }
        if let Some(node) = self.nodes.get_mut(node) {
            node.binding = Some(number);
        }
        self.bound.push(node);
        node
    }

    fn push(&mut self, pointer: Pointer) -> usize {
        self.nodes.push(Node {
            pointer,
            binding: None,
            waits_for: 0,
            then: Vec::new(),
            cause: None,
        });
        self.nodes.len().saturating_sub(1)
    }

    fn wait(&mut self, node: usize, needed: usize) {
        if let Some(needed) = self.nodes.get_mut(needed) {
            needed.then.push(node);
        }
        if let Some(node) = self.nodes.get_mut(node) {
            node.waits_for = node.waits_for.saturating_add(1);
        }
    }

    /// Returns what a place waits for: its own node, or the bound one that it lies in.
    fn find(&self, pointer: &Pointer) -> Option<usize> {
        let is_bound = |node: &usize| {
            self.nodes
                .get(*node)
                .is_some_and(|node| node.binding.is_some())
        };
        let mut node = 0;
        for token in pointer.tokens() {
            match self.members.get(&(node, token.to_owned())) {
                Some(member) => node = *member,
                None => return Some(node).filter(is_bound),
            }
        }
        Some(node)
    }
}

#[cfg(test)]
mod tests;
