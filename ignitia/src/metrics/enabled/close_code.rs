/// Returns the label of a close code. Not every code has its own: a peer may choose among two
/// thousand, and labels must be bounded.
pub(super) fn close_code_label(code: Option<u16>) -> &'static str {
    match code {
        None => "none",
        Some(1000) => "1000",
        Some(1001) => "1001",
        Some(1002) => "1002",
        Some(1003) => "1003",
        Some(1007) => "1007",
        Some(1008) => "1008",
        Some(1009) => "1009",
        Some(1010) => "1010",
        Some(1011) => "1011",
        Some(1012) => "1012",
        Some(1013) => "1013",
        Some(1014) => "1014",
        Some(3000) => "3000",
        Some(3003) => "3003",
        Some(3008) => "3008",
        Some(3000..=3999) => "3xxx",
        Some(_) => "4xxx",
    }
}
