//! Three-valued logic (Kleene's): what cannot be known stays unknown, unless
//! the known half of a sentence settles it alone.

use serde_json::Value;

/// The result of a test. The order `False < Unknown < True` makes "and" the
/// minimum and "or" the maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tri {
    /// Known to be false.
    False,
    /// Depends on something that cannot be known here.
    Unknown,
    /// Known to be true.
    True,
}

impl Tri {
    /// Both; a known false beats unknown.
    pub fn and(self, other: Tri) -> Tri {
        self.min(other)
    }

    /// Either; a known true beats unknown.
    pub fn or(self, other: Tri) -> Tri {
        self.max(other)
    }

    /// All of them; true for none.
    pub fn all(results: impl IntoIterator<Item = Tri>) -> Tri {
        results.into_iter().fold(Tri::True, Tri::and)
    }

    /// Any of them; false for none.
    pub fn any(results: impl IntoIterator<Item = Tri>) -> Tri {
        results.into_iter().fold(Tri::False, Tri::or)
    }

    /// What two readings of the same question say together.
    pub fn agree(self, other: Tri) -> Tri {
        if self == other {
            self
        } else {
            Tri::Unknown
        }
    }

    /// As JavaScript sees it: `true`, `false` or `'unknown'`.
    pub fn to_json(self) -> Value {
        match self {
            Tri::True => Value::Bool(true),
            Tri::False => Value::Bool(false),
            Tri::Unknown => Value::from("unknown"),
        }
    }
}

impl std::ops::Not for Tri {
    type Output = Tri;

    fn not(self) -> Tri {
        match self {
            Tri::True => Tri::False,
            Tri::False => Tri::True,
            Tri::Unknown => Tri::Unknown,
        }
    }
}

impl From<bool> for Tri {
    fn from(known: bool) -> Tri {
        if known {
            Tri::True
        } else {
            Tri::False
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tri::{self, False, True, Unknown};

    #[test]
    fn a_known_value_beats_unknown() {
        assert_eq!(False.and(Unknown), False);
        assert_eq!(Unknown.and(True), Unknown);
        assert_eq!(True.or(Unknown), True);
        assert_eq!(Unknown.or(False), Unknown);
        assert_eq!(!Unknown, Unknown);
    }

    #[test]
    fn nothing_at_all() {
        assert_eq!(Tri::all([]), True);
        assert_eq!(Tri::any([]), False);
    }
}
