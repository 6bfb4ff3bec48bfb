const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Elements of HTML that only show something. */
export const htmlElements = words(`
  a abbr address article aside audio b bdi bdo blockquote br caption center cite code col colgroup data dd del details dfn
  div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd li main mark meter nav ol p
  picture pre progress q rp rt ruby s samp section small source span strike strong sub summary sup table tbody td tfoot th
  thead time tr tt u ul var video wbr`);

/** Elements of SVG and MathML that only show something; in lower case, as parsers of HTML hand them over. */
export const drawingElements = words(`
  svg circle clippath defs desc ellipse g line lineargradient marker mask path pattern polygon polyline radialgradient rect
  stop symbol text textpath title tspan use
  math annotation menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace
  msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover semantics`);

/** Attributes of theirs that neither run nor load anything. */
export const harmlessAttributes = words(`
  align alt aria-* bgcolor border cellpadding cellspacing char class color cols colspan controls datetime dir face headers
  height high hspace id lang loop low max min nowrap open optimum reversed role rowspan rules scope size span start style
  summary title type valign value vspace width
  clip-path clip-rule cx cy d dominant-baseline dx dy fill fill-opacity fill-rule font-family font-size font-style
  font-weight fx fy gradienttransform gradientunits letter-spacing marker-end marker-mid marker-start markerheight
  markerunits markerwidth mask offset opacity orient paint-order pathlength patterncontentunits patterntransform
  patternunits points preserveaspectratio r refx refy rotate rx ry shape-rendering spreadmethod stop-color stop-opacity
  stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width
  text-anchor text-decoration textlength transform vector-effect viewbox visibility word-spacing x x1 x2 xmlns y y1 y2
  accent accentunder columnalign columnspacing display displaystyle encoding fence form linethickness lspace mathvariant
  maxsize minsize movablelimits notation rowalign rowspacing rspace scriptlevel separator stretchy symmetric`);

/** Elements that run or load something. */
export const activeElements: ReadonlySet<string> = new Set(words("script iframe frame object embed applet"));
