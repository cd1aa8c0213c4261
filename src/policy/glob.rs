//! Wildcard matching: `*` any run of characters, `?` exactly one.

/// One element of a pattern. Literal and wildcard are told apart by type, so
/// that `${*}` and the value of a variable never turn into wildcards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// This character.
    Char(char),
    /// `*`: any run of characters, also none.
    Any,
    /// `?`: exactly one character.
    One,
}

/// Reads a text in which `*` and `?` are wildcards.
pub fn tokens(text: &str) -> impl Iterator<Item = Token> + '_ {
    text.chars().map(|c| match c {
        '*' => Token::Any,
        '?' => Token::One,
        c => Token::Char(c),
    })
}

/// True when the pattern matches the whole text. Backtracks to the last `*`
/// only, so the time is bounded by the product of the two lengths.
pub fn matches(pattern: &[Token], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(&c) = text.get(t) {
        match pattern.get(p) {
            Some(Token::Any) => {
                retry = Some((p + 1, t));
                p += 1;
                continue;
            }
            Some(Token::One) => {
                p += 1;
                t += 1;
                continue;
            }
            Some(&Token::Char(wanted)) if wanted == c => {
                p += 1;
                t += 1;
                continue;
            }
            _ => {}
        }
        let Some((after_star, from)) = retry else {
            return false;
        };
        retry = Some((after_star, from + 1));
        p = after_star;
        t = from + 1;
    }
    pattern
        .get(p..)
        .unwrap_or(&[])
        .iter()
        .all(|&token| token == Token::Any)
}

/// [`matches()`] for a pattern as text, ignoring ASCII case: action names.
pub fn matches_action(pattern: &str, action: &str) -> bool {
    let pattern: Vec<Token> = tokens(&pattern.to_ascii_lowercase()).collect();
    matches(&pattern, &action.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(pattern: &str, text: &str) -> bool {
        matches(&tokens(pattern).collect::<Vec<_>>(), text)
    }

    #[test]
    fn wildcards() {
        assert!(is("*", ""));
        assert!(is("a*c", "abbc"));
        assert!(is("a*b*c", "axbxbc"));
        assert!(is("a?c", "aäc"));
        assert!(!is("a?c", "ac"));
        assert!(!is("a*c", "abcd"));
        assert!(!is("", "a"));
        assert!(is("", ""));
    }

    #[test]
    fn hostile_pattern_is_quick() {
        let text = "a".repeat(2000);
        assert!(!is(&format!("{}b", "a*".repeat(1000)), &text));
    }

    #[test]
    fn actions_ignore_case() {
        assert!(matches_action("S3:put*", "s3:PutObject"));
        assert!(!matches_action("s3:Get*", "s3:PutObject"));
    }
}
