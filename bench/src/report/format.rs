//! Numbers and tables in Markdown.

/// Three digits that count, and commas between thousands.
pub fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor() as i32;
    if magnitude < 2 {
        let decimals = (2 - magnitude).clamp(0, 4) as usize;
        return format!("{value:.decimals$}");
    }
    let unit = 10_f64.powi(magnitude - 2);
    let digits = format!("{:.0}", (value / unit).round() * unit);
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) && digit.is_ascii_digit() {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub fn table(heads: &[&str], rows: Vec<Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(&heads.iter().map(|head| (*head).to_owned()).collect::<Vec<_>>());
    let rules: Vec<&str> =
        heads.iter().enumerate().map(|(place, _)| if place == 0 { "---" } else { "--:" }).collect();
    text.push_str(&format!("|{}|\n", rules.join("|")));
    for row in rows {
        text.push_str(&line(&row));
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_that_count() {
        let written =
            [0.0, 0.00123, 0.1234, 1.234, 12.34, 123.4, 1_234.0, 654_321.0, 1_234_567.0].map(number);
        assert_eq!(written, ["0", "0.0012", "0.123", "1.23", "12.3", "123", "1,230", "654,000", "1,230,000"]);
    }
}
