//! Curves as SVG, with a transparent background and colours that are legible on white and black.

use std::{error::Error, ops::Range, path::Path};

use plotters::{coord::Shift, prelude::*};

use crate::curves::{Curve, CurveColumn, CurveLine};

const SIZE: (u32, u32) = (840, 340);
const TEXT: RGBColor = RGBColor(128, 128, 128);
const COLOURS: [RGBColor; 2] = [RGBColor(214, 88, 24), RGBColor(64, 132, 214)];

type Picture<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Writes a curve to a file of its name in the directory.
pub fn draw(directory: &Path, curve: &Curve, lines: &[CurveLine]) {
    let file = directory.join(curve.name).with_extension("svg");
    try_draw(&file, curve, lines).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
}

fn try_draw(file: &Path, curve: &Curve, lines: &[CurveLine]) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(file.parent().expect("the file is in a directory"))?;
    let picture = SVGBackend::new(file, SIZE).into_drawing_area();
    let panels = curve.panels().count();
    for (column, area) in curve.panels().zip(picture.split_evenly((1, panels))) {
        panel(&area, curve, column, lines).map_err(|error| error.to_string())?;
    }
    Ok(picture.present()?)
}

fn panel(
    area: &Picture<'_>,
    curve: &Curve,
    column: &CurveColumn,
    lines: &[CurveLine],
) -> Result<(), Box<dyn Error + 'static>> {
    let text = |size: i32, colour: &RGBColor| ("sans-serif", size).into_font().color(colour);
    // Zero has no logarithm.
    let shown: Vec<Vec<(f64, f64)>> = lines
        .iter()
        .map(|line| line.points.iter().map(|point| (point.amount, (column.of)(point))))
        .map(|points| points.filter(|(_, cost)| *cost > 0.0).collect())
        .collect();
    let all = || shown.iter().flatten();
    let across = span(all().map(|(amount, _)| *amount), curve.base);
    let up = span(all().map(|(_, cost)| *cost), 10.0);
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .margin_top(30)
        .margin_right(26)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(across.log_scale().base(curve.base), up.log_scale())?;
    chart
        .configure_mesh()
        .max_light_lines(0)
        .bold_line_style(TEXT.mix(0.3))
        .axis_style(TEXT)
        .label_style(text(13, &TEXT))
        .axis_desc_style(text(14, &TEXT))
        .x_desc(curve.axis)
        .y_desc(column.label)
        .x_label_formatter(&|amount| (curve.format)(*amount))
        .y_label_formatter(&|cost| cost.to_string())
        .draw()?;
    for (i, (line, points)) in lines.iter().zip(&shown).enumerate() {
        let colour = &COLOURS[i % COLOURS.len()];
        chart.draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(2)))?;
        chart.draw_series(points.iter().map(|point| Circle::new(*point, 3, colour.filled())))?;
        area.draw(&Text::new(line.server, (76 + 80 * i as i32, 10), text(14, colour)))?;
    }
    Ok(())
}

/// Returns the range from the power below to the power above, so that a flat curve looks flat.
fn span(values: impl Iterator<Item = f64> + Clone, base: f64) -> Range<f64> {
    let least = values.clone().fold(f64::INFINITY, f64::min);
    let most = values.fold(0.0, f64::max);
    // Powers are inexact.
    let low = (least.log(base) + 1e-9).floor();
    let high = (most.log(base) - 1e-9).ceil().max(low + 1.0);
    base.powf(low)..base.powf(high) * (1.0 + 1e-9)
}
