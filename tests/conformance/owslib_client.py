#!/usr/bin/python3
"""OWSLib, a client of OGC's Python world, reads the open services: collections, CQL2 filters, CRSs, schemas. Counts are PostGIS's own."""
import os
import subprocess
import sys

from owslib.ogcapi.features import Features

URL = os.environ["OCOPMAP_TEST_URL"]
DATABASE = os.environ["OCOPMAP_TEST_DATABASE"]


def sql(statement):
    return subprocess.run(["psql", "-XAtq", DATABASE, "-c", statement], check=True, capture_output=True, text=True).stdout.strip()


def expect(found, wanted, what):
    if str(found) != str(wanted):
        sys.exit(f"{what}: {found}, wanted {wanted}")


service = Features(URL + "/ogc")
expect("http://www.opengis.net/spec/cql2/1.0/conf/cql2-text" in service.conformance()["conformsTo"], True, "conformance says CQL2")
expect(service.api()["openapi"][:3], "3.0", "the definition is found by its link")
names = service.feature_collections()
expect({"products", "zones", "communes"} <= set(names), True, "feature collections")
for name in names:
    expect(service.collection(name)["id"], name, "collection")
    expect("properties" in service.collection_queryables(name), True, f"queryables of {name}")

for text, where in [
    ("star >= 4 AND certificate_state = 'valid'", "star >= 4 AND certificate_state = 'valid'"),
    ("ACCENTI(CASEI(name)) LIKE '%keo dua%'", "pub.fold(name) LIKE '%keo dua%'"),
    ("S_INTERSECTS(geom, POLYGON((106.3 10.1, 106.5 10.1, 106.4 10.3, 106.3 10.1)))",
     "ST_Intersects(geom, ST_GeomFromText('POLYGON((106.3 10.1, 106.5 10.1, 106.4 10.3, 106.3 10.1))', 4326))"),
    ("registered_on BETWEEN DATE('2024-01-01') AND DATE('2024-12-31')", "registered_on BETWEEN '2024-01-01' AND '2024-12-31'"),
]:
    page = service.collection_items("products", filter=text, limit=10)
    expect(page["numberMatched"], sql(f"SELECT count(*) FROM pub.product WHERE {where}"), text)
    expect(page["numberReturned"], min(10, page["numberMatched"]), "features of a page")

east, north = service.collection_items("producers", limit=1, crs="http://www.opengis.net/def/crs/EPSG/0/9210")["features"][0]["geometry"]["coordinates"]
wanted = sql("SELECT round(ST_X(p)::numeric, 2) || ' ' || round(ST_Y(p)::numeric, 2) FROM (SELECT ST_Transform(geom, 990210) p FROM pub.producer ORDER BY producer_key LIMIT 1) x")
expect(f"{east:.2f} {north:.2f}", wanted, "VN-2000, easting first")
box = service.collection_items("zones", bbox=[106.3, 10.1, 106.4, 10.2], limit=1)
expect(box["numberMatched"], sql("SELECT count(*) FROM pub.zone WHERE ST_Intersects(geom, ST_MakeEnvelope(106.3, 10.1, 106.4, 10.2, 4326))"), "bbox")
print("OWSLib agrees with PostGIS")
