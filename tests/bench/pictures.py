"""Pictures: cold ones against renderd and MapServer, which draw the same rows with the same symbols; what @2x and webp cost.

The anchors read tables made beforehand: the outlines of the zoom, figures and places of labels are not theirs to compute. Only products come to
them as rows, for clusters are counted when a picture is drawn. renderd gets the daemon's own Mapnik map, with sources put in.
"""
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from measure import DATABASE, TILES_URL, Client, clear_cache, free_port, interleaved, median_ratio, report, tiles_of

median = statistics.median
SPRITES = pathlib.Path(os.environ["OCOPMAP_TEST_BUILD"]) / "share/styles/sprites"
SHOW = os.environ.get("OCOPMAP_BENCH_PICTURES")  # a folder: one tile of each side is put there, to look at
QUERIES = pathlib.Path(__file__).parents[2] / "tile_server/render/sql"
EVERYWHERE = ("-20037508", "-20037508", "20037508", "20037508")
LINE_WIDTH = lambda zoom: min(max(0.7 + (zoom - 8) * 0.16, 0.7), 1.6)      # as tile_server/render/painter.cpp
FADE = lambda zoom: 1 - min(max((zoom - 11) / 3, 0), 1) * (1 - 0.35)      # as styles/palette.hpp
PATTERN_HA = lambda zoom: (24 * 40075016.685578488 / 256 / 2 ** zoom) ** 2 / 10000


def query(name, *values):
    """A query of the daemon, with its values."""
    text = (QUERIES / f"{name}.sql").read_text()
    return re.sub(r"\$(\d)", lambda match: values[int(match[1]) - 1], re.sub(r"^--.*$", "", text, flags=re.M))


def make_tables(sql, zooms):
    drop_tables(sql)
    sql.run("CREATE SCHEMA bench_anchor")
    outline = lambda column: f"ST_GeomFromWKB({column}, 3857) AS g"
    for zoom in zooms:
        units = lambda level: query("raster_units", f"'{level}'", *EVERYWHERE, str(zoom), "pub.at()")
        sql.run(f"CREATE TABLE bench_anchor.provinces_{zoom} AS SELECT unit_key AS id, {outline('outline')} FROM ({units('province')}) q")
        sql.run(f"CREATE TABLE bench_anchor.communes_{zoom} AS SELECT q.unit_key AS id, short_name, coalesce(f.figure, 0)::float8 AS figure, x, y, {outline('outline')} "
                f"FROM ({units('commune')}) q LEFT JOIN ({query('raster_figures', chr(39) + 'commune' + chr(39), 'pub.at()')}) f USING (unit_key)")
        sql.run(f"CREATE TABLE bench_anchor.labels_{zoom} AS SELECT id, short_name, figure::int::text AS figure, ST_SetSRID(ST_MakePoint(x, y), 3857) AS g FROM bench_anchor.communes_{zoom} WHERE x IS NOT NULL")
        sql.run(f"CREATE TABLE bench_anchor.zones_{zoom} AS SELECT zone_key AS id, crop, area_ha < {PATTERN_HA(zoom)} AS small, "
                f"CASE WHEN area_ha < {PATTERN_HA(zoom)} AND {zoom} < 12 THEN geom_coarse ELSE geom_3857 END AS g FROM tile.zone WHERE {zoom} >= 11")
    for kind in ("rivers", "shoreline"):
        sql.run(f"CREATE TABLE bench_anchor.{kind} AS SELECT line_key AS id, {outline('line')} FROM ({query('raster_context', *EVERYWHERE)}) q WHERE kind = '{kind}'")
    for table in [f"{name}_{zoom}" for zoom in zooms for name in ("provinces", "communes", "labels", "zones")] + ["rivers", "shoreline"]:
        sql.run(f"CREATE INDEX ON bench_anchor.{table} USING gist (g)")
        sql.run(f"ALTER TABLE bench_anchor.{table} ADD UNIQUE (id)")
        sql.run(f"ANALYZE bench_anchor.{table}")


def drop_tables(sql):
    sql.run("SET client_min_messages = warning")
    sql.run("DROP SCHEMA IF EXISTS bench_anchor CASCADE")


def cold_pictures(tiles, suffix="png"):
    """Tiles a second, each asked alone, none on disk."""
    client = Client(TILES_URL)
    clear_cache("ocop")
    started = time.perf_counter()
    for z, x, y in tiles:
        path = f"/tiles/ocop/{z}/{x}/{y}{suffix if suffix.startswith('@') else '.' + suffix}"
        status = client.get(path)[0]
        if status != 200:
            sys.exit(f"{path} answered {status}")
    return len(tiles) / (time.perf_counter() - started)


def show(name, content):
    if SHOW:
        pathlib.Path(SHOW, name).write_bytes(content)


def show_ours(z, x, y):
    show(f"ours-{z}.png", Client(TILES_URL).get(f"/tiles/ocop/{z}/{x}/{y}.png")[2])


def map_of_zoom(sheet, zoom, source):
    """The daemon's map as one that stands alone at a zoom: what the daemon sets with each picture is written down, and each layer reads a table."""
    text = sheet.replace('"sprites/', f'"{SPRITES}/')
    text = text.replace("@w", f"{LINE_WIDTH(zoom):.3f}").replace("@fade", f"{FADE(zoom):.3f}")
    for number, edge in enumerate((1, 5, 10, 20), 1):
        text = text.replace(f"@break{number}", str(edge))
    cell = 64 * 2 * 20037508.342789244 / 256 / 2 ** zoom
    rows = {
        "land": f"SELECT g FROM bench_anchor.provinces_{zoom}",
        "choropleth": f"SELECT g, figure FROM bench_anchor.communes_{zoom}",
        "zones": f"SELECT g, crop, small FROM bench_anchor.zones_{zoom} ORDER BY small DESC, id",
        "rivers": "SELECT g FROM bench_anchor.rivers",
        "shoreline": "SELECT g FROM bench_anchor.shoreline",
        "communes_line": f"SELECT g, false AS former FROM bench_anchor.communes_{zoom}" if zoom >= 11 else None,
        "provinces_line": f"SELECT g, false AS former FROM bench_anchor.provinces_{zoom}",
        "products": f"SELECT ST_SetSRID(ST_MakePoint(avg(ST_X(geom_3857)), avg(ST_Y(geom_3857))), 3857) AS g, count(*)::int AS count, coalesce(max(star), 0)::int AS star FROM tile.product "
                    f"WHERE geom_3857 &amp;&amp; !bbox! GROUP BY floor(ST_X(geom_3857) / {cell}), floor(ST_Y(geom_3857) / {cell})" if zoom >= 12 else None,
        "labels": f"SELECT g, short_name AS text, figure, 'commune' AS kind, '' AS crop FROM bench_anchor.labels_{zoom}",
    }
    for name in re.findall(r'<Layer name="(\w+)"', text):
        layer = f'<StyleName>{name}</StyleName></Layer>'
        if rows.get(name):
            text = text.replace(layer, f'<StyleName>{name}</StyleName><Datasource>{source}<Parameter name="table">({rows[name]}) s</Parameter></Datasource></Layer>')
        else:
            text = re.sub(rf'<Layer name="{name}"[^\n]*\n', "", text)
    # The daemon has chosen which names stand; here Mapnik does, by its own rule.
    head, names = text.split('<Style name="labels"', 1)
    return head + '<Style name="labels"' + names.replace('allow-overlap="true"', 'allow-overlap="false"')


def bench_renderd(sql):
    """Metatiles of 8 by 8 on both sides, one thread each on one processor; both draw them whole and are credited with the tiles of the province."""
    if not shutil.which("renderd"):
        sys.exit("renderd is missing: apt-get install renderd")
    zooms = (11, 12)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ocopmap-renderd-"))
    process = None
    try:
        make_tables(sql, zooms)
        parameters = dict(part.split("=", 1) for part in DATABASE.split())
        source = "".join(f'<Parameter name="{name}">{value}</Parameter>' for name, value in (
            ("type", "postgis"), ("host", parameters["host"]), ("user", parameters["user"]), ("dbname", parameters["dbname"]), ("geometry_field", "g"), ("srid", "3857"),
            ("estimate_extent", "false"), ("extent", "-20037508,-20037508,20037508,20037508")))
        sheet = Client(TILES_URL).get("/ogc/styles/ocop?f=mapnik")[2].decode()
        plugins = subprocess.run(["mapnik-config", "--input-plugins"], capture_output=True, text=True, check=True).stdout.strip()
        conf = (f"[renderd]\nnum_threads=1\nsocketname={folder}/renderd.sock\ntile_dir={folder}/tiles\npid_file={folder}/renderd.pid\nstats_file={folder}/stats\n"
                f"[mapnik]\nplugins_dir={plugins}\nfont_dir=/usr/share/fonts/truetype/noto\nfont_dir_recurse=1\n")
        for zoom in zooms:
            (folder / f"{zoom}.xml").write_text(map_of_zoom(sheet, zoom, source))
            conf += f"[zoom{zoom}]\nURI=/zoom{zoom}/\nTILEDIR={folder}/tiles\nXML={folder}/{zoom}.xml\nMAXZOOM=18\n"
        (folder / "renderd.conf").write_text(conf)
        (folder / "tiles").mkdir()
        log = open(folder / "log", "w")
        process = subprocess.Popen(["taskset", "-c", "1", "renderd", "-f", "-c", folder / "renderd.conf"], stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while not (folder / "renderd.sock").exists():
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit("renderd did not start:\n" + (folder / "log").read_text()[-2000:])
            time.sleep(0.05)

        def theirs(zoom):
            shutil.rmtree(folder / "tiles")
            (folder / "tiles").mkdir()
            at = tiles_of(zoom)
            started = time.perf_counter()
            # render_list goes by steps of eight from where it is told: from the edge of a metatile, or it leaves the last one out.
            box = ["-x", min(x for _, x, _ in at) // 8 * 8, "-X", max(x for _, x, _ in at), "-y", min(y for _, _, y in at) // 8 * 8, "-Y", max(y for _, _, y in at)]
            done = subprocess.run(["render_list", "-m", f"zoom{zoom}", "-a", "-f", "-n", "1", "-s", folder / "renderd.sock", "-t", folder / "tiles", "-z", str(zoom), "-Z", str(zoom), *map(str, box)],
                                  capture_output=True, text=True)
            seconds = time.perf_counter() - started
            metas = list((folder / "tiles").rglob("*.meta"))
            if done.returncode or len(metas) != len({(x // 8, y // 8) for _, x, y in at}):
                sys.exit(f"render_list drew {len(metas)} metatiles: {done.stderr}{done.stdout}\n" + (folder / "log").read_text()[-2000:])
            show(f"renderd-{zoom}.meta", max(metas, key=lambda meta: meta.stat().st_size).read_bytes())
            return seconds

        both = lambda draw: (lambda: [draw(zoom) for zoom in zooms])
        mine, anchor = interleaved(both(lambda zoom: len(tiles_of(zoom)) / cold_pictures(tiles_of(zoom))), both(theirs))
        count = sum(len(tiles_of(zoom)) for zoom in zooms)
        report("raster_vs_renderd_ratio", median_ratio([sum(run) for run in anchor], [sum(run) for run in mine]),
               f"{count / median(map(sum, mine)):.0f} against {count / median(map(sum, anchor)):.0f} tiles/s, z{zooms[0]}-z{zooms[1]}", ">= 1.5")
        for number, zoom in enumerate(zooms):
            ratio = median_ratio([run[number] for run in anchor], [run[number] for run in mine])
            report(f"raster_vs_renderd_z{zoom}", ratio, f"{median(run[number] for run in mine) * 1000:.0f} against {median(run[number] for run in anchor) * 1000:.0f} ms for {len(tiles_of(zoom))} tiles", "-")
            show_ours(*tiles_of(zoom)[len(tiles_of(zoom)) // 2])
    finally:
        if process:
            process.terminate()
            process.wait()
        drop_tables(sql)
        shutil.rmtree(folder, ignore_errors=True)


def map_file(folder, sheet, zooms):
    """The same symbols in MapServer's words, for each zoom."""
    style = lambda name: re.search(rf'<Style name="{name}".*?</Style>', sheet, re.S)[0]
    rgb = lambda colour: " ".join(str(int(colour[i:i + 2], 16)) for i in (1, 3, 5))
    fill = lambda name: rgb(re.search(r'<PolygonSymbolizer fill="(#\w{6})"', style(name))[1])
    line = lambda name: re.findall(r'<LineSymbolizer stroke="(#\w{6})" stroke-width="([\d.]+)', style(name))[-1]
    classes = list(reversed(re.findall(r'@break(\d)</Filter><PolygonSymbolizer fill="(#\w{6})"', style("choropleth"))))
    lowest = re.findall(r'<Rule><PolygonSymbolizer fill="(#\w{6})"', style("choropleth"))[0]
    crops = dict(re.findall(r"\[crop\] = '(\w+)'</Filter><PolygonPatternSymbolizer.*?stroke=\"(#\w{6})\"", style("zones")))
    words = re.search(r"\[kind\] = 'commune' and.*?fill=\"(#\w{6})\".*?halo-fill=\"(#\w{6})\"", style("labels"))
    out = [f"""MAP
  NAME "anchor" SIZE 256 256 EXTENT -20037508 -20037508 20037508 20037508 IMAGECOLOR {rgb(re.search(r'background-color="(#.{6})"', sheet)[1])}
  PROJECTION "init=epsg:3857" END
  IMAGETYPE "png8"
  OUTPUTFORMAT NAME "png8" DRIVER "AGG/PNG8" MIMETYPE "image/png" IMAGEMODE RGB EXTENSION "png" FORMATOPTION "QUANTIZE_FORCE=on" FORMATOPTION "QUANTIZE_COLORS=256" END
  FONTSET "{folder}/fonts.txt"
  WEB METADATA "wms_title" "a" "wms_srs" "EPSG:3857" "wms_enable_request" "*" "wms_onlineresource" "http://127.0.0.1/map" END END"""]
    out += [f'  SYMBOL NAME "{crop}" TYPE PIXMAP IMAGE "{SPRITES}/light/crop-{crop}.png" END' for crop in crops]

    def layer(name, kind, rows, inside):
        out.append(f'  LAYER NAME "{name}" TYPE {kind} STATUS ON CONNECTIONTYPE POSTGIS CONNECTION "{DATABASE}" PROCESSING "CLOSE_CONNECTION=DEFER"\n'
                   f'    DATA "g FROM ({rows}) s USING UNIQUE id USING SRID=3857" PROJECTION "init=epsg:3857" END METADATA "wms_title" "{name}" END\n    {inside}\n  END')

    for zoom in zooms:
        stroke = lambda name: f"CLASS STYLE COLOR {rgb(line(name)[0])} WIDTH {float(line(name)[1]) * LINE_WIDTH(zoom):.2f} END END"
        layer(f"land_{zoom}", "POLYGON", f"SELECT id, g FROM bench_anchor.provinces_{zoom}", f"CLASS STYLE COLOR {fill('land')} END END")
        colours = [lowest] + [colour for _, colour in classes]
        layer(f"choropleth_{zoom}", "POLYGON", f"SELECT id, g, width_bucket(figure, ARRAY[1, 5, 10, 20]::float8[]) AS c FROM bench_anchor.communes_{zoom}",
              'CLASSITEM "c" ' + " ".join(f'CLASS EXPRESSION "{i}" STYLE COLOR {rgb(colour)} END END' for i, colour in enumerate(colours)))
        if zoom >= 11:
            layer(f"tints_{zoom}", "POLYGON", f"SELECT id, g, crop FROM bench_anchor.zones_{zoom} WHERE small",
                  'CLASSITEM "crop" COMPOSITE OPACITY 50 END ' + " ".join(f'CLASS EXPRESSION "{crop}" STYLE COLOR {rgb(colour)} END END' for crop, colour in crops.items()))
            layer(f"zones_{zoom}", "POLYGON", f"SELECT id, g, crop FROM bench_anchor.zones_{zoom} WHERE NOT small",
                  'CLASSITEM "crop" ' + " ".join(f'CLASS EXPRESSION "{crop}" STYLE SYMBOL "{crop}" END STYLE OUTLINECOLOR {rgb(colour)} WIDTH 1 END END' for crop, colour in crops.items()))
        for kind in ("rivers", "shoreline"):
            layer(f"{kind}_{zoom}", "LINE", f"SELECT id, g FROM bench_anchor.{kind}", stroke(kind))
        if zoom >= 11:
            layer(f"communes_line_{zoom}", "LINE", f"SELECT id, g FROM bench_anchor.communes_{zoom}", stroke("communes_line"))
        layer(f"provinces_line_{zoom}", "LINE", f"SELECT id, g FROM bench_anchor.provinces_{zoom}", stroke("provinces_line"))
        layer(f"labels_{zoom}", "POINT", f"SELECT id, g, short_name || '|' || figure AS label FROM bench_anchor.labels_{zoom}",
              f'LABELITEM "label" CLASS LABEL TYPE TRUETYPE FONT "noto" SIZE 8.25 WRAP "|" ALIGN CENTER COLOR {rgb(words[1])} OUTLINECOLOR {rgb(words[2])} OUTLINEWIDTH 3 POSITION CC PARTIALS TRUE END END')
    return "\n".join(out) + "\nEND\n"


def bench_mapserver(sql, anchor_nginx):
    """A request of WMS for each tile, as MapServer is asked; one process on one processor."""
    mapserv = shutil.which("mapserv") or "/usr/lib/cgi-bin/mapserv"
    if not pathlib.Path(mapserv).exists():
        sys.exit("mapserv is missing: apt-get install cgi-mapserver spawn-fcgi")
    zooms = (10, 11)
    anchor = anchor_nginx(free_port())
    process = None
    try:
        make_tables(sql, zooms)
        sheet = Client(TILES_URL).get("/ogc/styles/ocop?f=mapnik")[2].decode()
        (anchor.folder / "fonts.txt").write_text("noto /usr/share/fonts/truetype/noto/NotoSans-Regular.ttf\n")
        mapfile = anchor.folder / "anchor.map"
        mapfile.write_text(map_file(anchor.folder, sheet, zooms))
        config = anchor.folder / "mapserver.conf"
        config.write_text(f'CONFIG\n ENV\n  MS_MAP_PATTERN "."\n END\n MAPS\n  A "{mapfile}"\n END\nEND\n')
        socket_path = anchor.folder / "fcgi.sock"
        process = subprocess.Popen(["taskset", "-c", "1", "spawn-fcgi", "-n", "-s", socket_path, "-M", "0777", "--", mapserv],
                                   start_new_session=True, stdout=subprocess.DEVNULL, env={**os.environ, "MAPSERVER_CONFIG_FILE": str(config), "MS_MAPFILE": str(mapfile)})
        (anchor.folder / "files").mkdir()
        anchor.start({}, fastcgi=socket_path)
        other = Client(f"http://127.0.0.1:{anchor.port}")
        tiles = [t for z in zooms for t in tiles_of(z)]
        layers = {zoom: ",".join(re.findall(rf'LAYER NAME "(\w+_{zoom})"', mapfile.read_text())) for zoom in zooms}
        edge = 20037508.342789244

        def theirs():
            started = time.perf_counter()
            for z, x, y in tiles:
                size = 2 * edge / (1 << z)
                west, north = -edge + x * size, edge - y * size
                status, headers, body = other.get(f"/map?map=A&SERVICE=WMS&VERSION=1.1.1&REQUEST=GetMap&LAYERS={layers[z]}&STYLES=&SRS=EPSG:3857&FORMAT=image/png"
                                                  f"&WIDTH=256&HEIGHT=256&BBOX={west},{north - size},{west + size},{north}")
                if status != 200 or not body.startswith(b"\x89PNG"):
                    sys.exit(f"MapServer answered {status}: {body[:500]}")
                if SHOW and (z, x, y) == tiles_of(z)[len(tiles_of(z)) // 2]:
                    show(f"mapserver-{z}.png", body)
            return len(tiles) / (time.perf_counter() - started)

        mine, anchor_rate = interleaved(lambda: cold_pictures(tiles), theirs)
        report("raster_vs_mapserver_ratio", median_ratio(mine, anchor_rate), f"{median(mine):.0f} against {median(anchor_rate):.0f} tiles/s, z{zooms[0]}-z{zooms[1]}", ">= 2")
        for zoom in zooms:
            show_ours(*tiles_of(zoom)[len(tiles_of(zoom)) // 2])
    finally:
        if process:
            os.killpg(process.pid, signal.SIGKILL)  # on SIGTERM it waits for one more request
        anchor.stop()
        drop_tables(sql)


def bench_forms(sql):
    """What the other forms of a picture cost, beside png at single density."""
    tiles = [t for z in range(9, 14) for t in tiles_of(z)]
    forms = ("png", "webp", "@2x.png", "@2x.webp")
    rates = interleaved(*(lambda form=form: cold_pictures(tiles, form) for form in forms))
    for form, rate in zip(forms, rates):
        name = form.replace("@2x.", "") + ("_2x" if "@" in form else "")
        report(f"raster_{name}_per_s", median(rate), f"cold tiles of the province z9-z13, {median_ratio(rate, rates[0]):.2f} of png", "-")
