#!/usr/bin/python3
"""QGIS without a window opens the open services as its users do: features, vector tiles, a WMS. Counts and extents are PostGIS's own.
Not part of ./dev test (700 MB of packages): ./dev test -L qgis."""
import os
import subprocess
import sys
import urllib.parse

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
from qgis.core import (QgsApplication, QgsDataProvider, QgsFeatureRequest, QgsMapRendererParallelJob, QgsMapSettings, QgsProject, QgsRasterLayer, QgsRectangle,
                       QgsVectorLayer, QgsVectorTileLayer)
from qgis.PyQt.QtCore import QSize

URL = os.environ["OCOPMAP_TEST_URL"]
DATABASE = os.environ["OCOPMAP_TEST_DATABASE"]


def sql(statement):
    return subprocess.run(["psql", "-XAtq", DATABASE, "-c", statement], check=True, capture_output=True, text=True).stdout.strip()


def expect(holds, what):
    if not holds:
        sys.exit(f"QGIS: {what}")
    print("ok:", what)


application = QgsApplication([], False)
application.initQgis()

for name, view in [("products", "pub.product"), ("communes", "pub.commune"), ("zones", "pub.zone")]:
    layer = QgsVectorLayer(f"url='{URL}/ogc' typename='{name}'", name, "OAPIF")
    expect(layer.isValid(), f"{name} is a layer")
    features = list(layer.getFeatures())
    expect(len(features) == int(sql(f"SELECT count(*) FROM {view}")), f"{name} has {len(features)} features")
    west, south, east, north = map(float, sql(f"SELECT ST_XMin(e) || ' ' || ST_YMin(e) || ' ' || ST_XMax(e) || ' ' || ST_YMax(e) FROM (SELECT ST_Extent(geom) e FROM {view}) x").split())
    found = QgsRectangle()
    found.setMinimal()
    for feature in features:
        if feature.hasGeometry():
            found.combineExtentWith(feature.geometry().boundingBox())
    expect(all(abs(a - b) < 2e-7 for a, b in zip((found.xMinimum(), found.yMinimum(), found.xMaximum(), found.yMaximum()), (west, south, east, north))), f"{name} has its extent")
    box = QgsRectangle(106.3, 10.1, 106.4, 10.2)
    inside = len(list(layer.getFeatures(QgsFeatureRequest().setFilterRect(box))))
    wanted = int(sql(f"SELECT count(*) FROM {view} WHERE geom && ST_MakeEnvelope(106.3, 10.1, 106.4, 10.2, 4326)"))
    expect(inside == wanted, f"{name} has {inside} features in a box")

tiles = QgsVectorTileLayer("type=xyz&zmin=4&zmax=14&url=" + urllib.parse.quote(URL + "/tiles/communes/{z}/{x}/{y}.mvt", safe=""), "tiles")
expect(tiles.isValid(), "vector tiles are a layer")


def drawn(layer, rectangle, crs):
    """The share of pixels that are not background."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(crs)
    settings.setExtent(rectangle)
    settings.setOutputSize(QSize(256, 256))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    background = 0xFFFFFFFF
    return sum(image.pixel(x, y) & 0xFFFFFFFF != background for x in range(0, 256, 4) for y in range(0, 256, 4)) / 4096


project = QgsProject.instance()
mercator = tiles.crs()
expect(drawn(tiles, QgsRectangle(11810000, 1120000, 11850000, 1160000), mercator) > 0.2, "vector tiles are drawn")

wms = QgsRasterLayer("crs=EPSG:4326&format=image/png&layers=ocop&styles=&url=" + urllib.parse.quote(URL + "/wms", safe=""), "wms", "wms")
expect(wms.isValid(), "the WMS is a layer")
expect(drawn(wms, QgsRectangle(106.2, 10.0, 106.5, 10.3), wms.crs()) > 0.2, "the WMS is drawn")
print("QGIS reads all of it")
