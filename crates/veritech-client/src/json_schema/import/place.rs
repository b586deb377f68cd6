//! Where a schema is within another.

use crate::pointer::Pointer;
use crate::prop::Prop;

/// Where a schema is, and what it is there for.
pub(super) struct Place {
    pub(super) pointer: Pointer,
    pub(super) role: Role,
    /// How many schemas lie around each other here, this one included.
    pub(super) depth: usize,
}

/// What a schema is there for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It is the whole.
    Root,
    /// It is that of one member of an object, which lists it as required or not.
    Member { is_listed: bool },
    /// It is that of all elements of an array, or all values of a map.
    Each,
}

impl Place {
    pub(super) fn root() -> Self {
        Self {
            pointer: Pointer::root(),
            role: Role::Root,
            depth: 1,
        }
    }

    /// Returns the place of a schema inside this one.
    pub(super) fn below(&self, pointer: Pointer, role: Role) -> Self {
        Self {
            pointer,
            role,
            depth: self.depth.saturating_add(1),
        }
    }

    pub(super) fn is_member(&self) -> bool {
        matches!(self.role, Role::Member { .. })
    }

    /// Returns the prop of any JSON value here.
    pub(super) fn any(&self, must_be_set: bool) -> Prop {
        if must_be_set || self.role == (Role::Member { is_listed: true }) {
            Prop::json().required()
        } else {
            Prop::json()
        }
    }
}

/// Returns where in a JSON Schema is what is at `place` in a schema's own JSON.
pub(super) fn in_json_schema(place: &Pointer) -> Pointer {
    let mut is_name = false;
    place
        .tokens()
        .into_iter()
        .fold(Pointer::root(), |place, token| {
            let keyword = match token {
                _ if is_name => token,
                "props" => "properties",
                "values" => "additionalProperties",
                "documentation" => "description",
                other => other,
            };
            is_name = !is_name && token == "props";
            place.child(keyword)
        })
}
