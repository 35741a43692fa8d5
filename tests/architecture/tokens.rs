//! Rust source as tokens: names, `::` and punctuation. Comments are gone, and so is what stands in literals.

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Name(String),
    /// `::`
    PathSep,
    /// Anything else of one character; `"` stands for a whole literal.
    Mark(char),
}

#[derive(Debug, Clone)]
pub struct Token {
    pub kind: Kind,
    /// Counted from 1.
    pub line: usize,
}

impl Token {
    pub fn name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Name(name) => Some(name),
            Kind::PathSep | Kind::Mark(_) => None,
        }
    }

    pub fn is_mark(&self, mark: char) -> bool {
        self.kind == Kind::Mark(mark)
    }
}

pub fn tokens(source: &str) -> Vec<Token> {
    Reader { text: source.chars().collect(), place: 0, line: 1, tokens: Vec::new() }.read()
}

struct Reader {
    text: Vec<char>,
    place: usize,
    line: usize,
    tokens: Vec<Token>,
}

fn begins_name(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn in_name(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

impl Reader {
    fn peek(&self, ahead: usize) -> char {
        self.text.get(self.place + ahead).copied().unwrap_or('\0')
    }

    fn step(&mut self) {
        if self.peek(0) == '\n' {
            self.line += 1;
        }
        self.place += 1;
    }

    fn steps(&mut self, count: usize) {
        (0..count).for_each(|_| self.step());
    }

    fn push(&mut self, kind: Kind, line: usize) {
        self.tokens.push(Token { kind, line });
    }

    fn read(mut self) -> Vec<Token> {
        while self.place < self.text.len() {
            let (c, line) = (self.peek(0), self.line);
            match (c, self.peek(1)) {
                (c, _) if c.is_whitespace() => self.step(),
                ('/', '/') => self.line_comment(),
                ('/', '*') => self.block_comment(),
                ('"', _) => self.string(line),
                ('\'', _) => self.quote(line),
                (':', ':') => {
                    self.steps(2);
                    self.push(Kind::PathSep, line);
                }
                (c, _) if c.is_ascii_digit() => self.number(line),
                (c, _) if begins_name(c) => self.name_or_literal(line),
                _ => {
                    self.step();
                    self.push(Kind::Mark(c), line);
                }
            }
        }
        self.tokens
    }

    fn line_comment(&mut self) {
        while self.place < self.text.len() && self.peek(0) != '\n' {
            self.step();
        }
    }

    /// These nest.
    fn block_comment(&mut self) {
        let mut depth = 0_u32;
        while self.place < self.text.len() {
            match (self.peek(0), self.peek(1)) {
                ('/', '*') => {
                    depth += 1;
                    self.steps(2);
                }
                ('*', '/') => {
                    depth -= 1;
                    self.steps(2);
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.step(),
            }
        }
    }

    fn string(&mut self, line: usize) {
        self.step();
        while self.place < self.text.len() && self.peek(0) != '"' {
            self.steps(if self.peek(0) == '\\' { 2 } else { 1 });
        }
        self.step();
        self.push(Kind::Mark('"'), line);
    }

    fn raw_string(&mut self, hashes: usize, line: usize) {
        self.steps(hashes + 1);
        while self.place < self.text.len() {
            if self.peek(0) == '"' && (1..=hashes).all(|ahead| self.peek(ahead) == '#') {
                self.steps(hashes + 1);
                break;
            }
            self.step();
        }
        self.push(Kind::Mark('"'), line);
    }

    /// A character, or a lifetime, which is no name of anything.
    fn quote(&mut self, line: usize) {
        if self.peek(1) == '\\' {
            self.steps(3);
            while self.place < self.text.len() && self.peek(0) != '\'' {
                self.step();
            }
            self.step();
            self.push(Kind::Mark('"'), line);
        } else if self.peek(2) == '\'' {
            self.steps(3);
            self.push(Kind::Mark('"'), line);
        } else {
            self.step();
            while in_name(self.peek(0)) {
                self.step();
            }
        }
    }

    fn number(&mut self, line: usize) {
        while in_name(self.peek(0)) {
            self.step();
        }
        self.push(Kind::Mark('"'), line);
    }

    fn name_or_literal(&mut self, line: usize) {
        let mut name = String::new();
        while in_name(self.peek(0)) {
            name.push(self.peek(0));
            self.step();
        }
        let hashes = (0..).take_while(|ahead| self.peek(*ahead) == '#').count();
        match (name.as_str(), self.peek(hashes)) {
            ("r" | "br" | "cr", '"') => self.raw_string(hashes, line),
            ("b" | "c", '"') if hashes == 0 => self.string(line),
            ("b", '\'') if hashes == 0 => self.quote(line),
            // A raw identifier, such as r#type.
            ("r", c) if hashes == 1 && begins_name(c) => {
                self.step();
                self.name_or_literal(line);
            }
            _ => self.push(Kind::Name(name), line),
        }
    }
}

#[test]
fn comments_and_literals_hold_no_names() {
    let source = r##"
        // crate::a
        /* crate::b /* crate::c */ crate::d */
        let x = ("crate::e \" crate::f", r#"crate::g " crate::h"#, b"crate::i", br"crate::j", '"', '\'', b'\'');
        fn y<'crate>(_: &'static str) { 1_u8; crate::k }
        r#type
    "##;
    let names: Vec<String> =
        tokens(source).iter().filter_map(|token| token.name().map(str::to_owned)).collect();
    assert_eq!(names, ["let", "x", "fn", "y", "_", "str", "crate", "k", "type"]);
}

#[test]
fn lines_are_counted() {
    let lines: Vec<usize> =
        tokens("a\n\"\n\"\nb /*\n*/ c\nr\"\n\"\nd").iter().map(|token| token.line).collect();
    assert_eq!(lines, [1, 2, 4, 5, 6, 8]);
}
