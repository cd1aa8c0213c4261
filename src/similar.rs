//! "Did you mean": the known name closest to a misspelt one.

/// Names longer than this are not typing errors, and the distance is quadratic.
const LONGEST: usize = 64;

/// `; did you mean "X"?` for the closest name within a third of its length,
/// else nothing.
pub fn did_you_mean<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    if typed.len() > LONGEST {
        return String::new();
    }
    let closest = names
        .into_iter()
        .map(|name| (distance(typed, name), name))
        .min();
    match closest {
        Some((distance, name)) if distance * 3 <= name.len() => {
            format!("; did you mean {name:?}?")
        }
        _ => String::new(),
    }
}

/// Levenshtein's distance, ignoring ASCII case.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut left = i + 1;
        let mut next = vec![left];
        for (cb, pair) in b.iter().zip(row.windows(2)) {
            let &[diagonal, above] = pair else { continue };
            let change = usize::from(!ca.eq_ignore_ascii_case(cb));
            left = (diagonal + change).min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn only_close_names() {
        let names = ["Effect", "Resource", "StringEquals"];
        assert_eq!(did_you_mean("effect", names), "; did you mean \"Effect\"?");
        assert_eq!(
            did_you_mean("StringEqual", names),
            "; did you mean \"StringEquals\"?"
        );
        assert_eq!(did_you_mean("Whatever", names), "");
        assert_eq!(did_you_mean("", []), "");
    }
}
