import type { Confusion } from "../data.ts";
import { ink, palette, paper } from "../picture/card.ts";
import { cellStrengths } from "../picture/confusion-shades.ts";
import { grouped } from "../picture/numbers.ts";
import { axisStyle, escaped, type Figure, figure } from "./figure.ts";

/** The confusion matrix as a plotly heatmap: blue where the prediction was right, orange where it was not. */
export function confusionFigure(confusion: Confusion): Figure {
  const { title, labels, counts, totals } = confusion;
  const z = cellStrengths(confusion).map((row, truth) =>
    row.map((strength, predicted) => Number(((truth === predicted ? 1 : -1) * strength).toFixed(3)) || 0),
  );
  const share = counts.map((row, truth) => row.map((count) => Number((count / (totals[truth] || 1)).toPrecision(3))));
  const names = labels.map(escaped);
  const numbers = labels.map((_, index) => index);
  const classes = labels.length;
  const heat = {
    type: "heatmap",
    z,
    zmin: -1.6,
    zmax: 1.6,
    colorscale: [
      [0, palette[1]!.light],
      [0.5, paper.light],
      [1, palette[0]!.light],
    ],
    showscale: false,
    xgap: classes > 40 ? 0 : 1,
    ygap: classes > 40 ? 0 : 1,
    customdata: counts.map((row, truth) =>
      row.map((_, predicted) => [names[truth], names[predicted], share[truth]![predicted]]),
    ),
    text: counts.map((row) => row.map(grouped)),
    hovertemplate:
      "true %{customdata[0]}, predicted %{customdata[1]}<br>%{text}, %{customdata[2]:.1%} of the row<extra></extra>",
    ...(classes <= 20 ? { texttemplate: "%{text}", textfont: { color: ink.light } } : {}),
  };
  const ticks = classes <= 40 ? { tickvals: numbers, ticktext: names } : {};
  return figure(title, [heat], {
    height: Math.min(640, 150 + Math.max(160, classes * 38)),
    xaxis: { ...axisStyle("predicted"), ...ticks, showgrid: false, constrain: "domain" },
    yaxis: {
      ...axisStyle("true"),
      ...ticks,
      showgrid: false,
      autorange: "reversed",
      scaleanchor: "x",
      constrain: "domain",
    },
  });
}
