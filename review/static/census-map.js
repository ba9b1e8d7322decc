// The public map: points of the page's address, grouped by supercluster, shown by Leaflet.
// Every mark answers to the mouse and to Enter; the table of the page says the same without it.
(() => {
  "use strict";
  const box = document.getElementById("carte");
  const state = document.getElementById("carte-etat");
  const map = L.map(box, { minZoom: 5, maxZoom: 17, zoomControl: true, fadeAnimation: false, zoomAnimation: false, markerZoomAnimation: false });
  map.zoomControl.setPosition("topright");
  map.attributionControl.setPrefix(false);
  map.zoomControl._zoomInButton.title = map.zoomControl._zoomInButton.ariaLabel = "Agrandir";
  map.zoomControl._zoomOutButton.title = map.zoomControl._zoomOutButton.ariaLabel = "Réduire";
  if (box.dataset.tiles) {
    L.tileLayer(box.dataset.tiles, { attribution: box.dataset.credit, maxZoom: 18 }).addTo(map);
  }
  map.fitBounds([[42.9, 4.2], [45.2, 7.8]]);
  // The outlines of the territory: a background that needs no other site. Colours are the style sheet's.
  fetch(box.dataset.contours)
    .then((answer) => { if (!answer.ok) throw new Error(answer.status); return answer.json(); })
    .then((shapes) => {
      const pane = map.createPane("contours");
      pane.style.zIndex = 250;
      L.geoJSON(shapes, {
        pane: "contours", interactive: false, attribution: box.dataset.drawnBy,
        style: (shape) => ({ className: `contour ${shape.properties.genre}` }),
      }).addTo(map);
      box.dataset.contoursDrawn = String(shapes.features.length);
    })
    .catch(() => { box.dataset.contoursDrawn = "0"; });
  const marks = L.layerGroup().addTo(map);
  // Grouping costs as many passes as there are zooms: none below the region's, none above a street's.
  const DEEPEST = 13;
  const index = new Supercluster({ radius: 60, minZoom: 5, maxZoom: DEEPEST });

  const popup = (feature) => {
    const one = feature.properties;
    const link = document.createElement("a");
    link.href = `/recensement/initiative/${encodeURIComponent(one.id)}?campagne=${encodeURIComponent(box.dataset.campagne)}`;
    link.textContent = one.title || "Sans titre";
    const said = document.createElement("div");
    said.append(link, document.createElement("br"), one.commune || "", one.position === "commune" ? " (centre de la commune)" : "");
    return said;
  };
  const list = (features, at) => {
    const items = document.createElement("ul");
    for (const one of features.slice(0, 50)) {
      const item = document.createElement("li");
      item.append(popup(one));
      items.append(item);
    }
    L.popup({ maxHeight: 260 }).setLatLng(at).setContent(items).openOn(map);
  };
  const open = (features, at) => {
    const [feature] = features;
    if (features.length > 1) { list(features, at); return; }
    if (!feature.properties.cluster) {
      L.popup().setLatLng(at).setContent(popup(feature)).openOn(map);
      return;
    }
    const id = feature.properties.cluster_id;
    const leaves = index.getLeaves(id, 50);
    const place = String(leaves[0].geometry.coordinates);
    // The same place for all of them: zooming would never part them.
    if (leaves.every((one) => String(one.geometry.coordinates) === place)) { list(leaves, at); return; }
    map.setView(at, Math.min(index.getClusterExpansionZoom(id), map.getMaxZoom()));
  };
  const places = (features) => {
    const found = new Map();
    for (const one of features) {
      const key = one.properties.cluster ? `c${one.properties.cluster_id}` : String(one.geometry.coordinates);
      found.set(key, [...(found.get(key) || []), one]);
    }
    return found.values();
  };
  const draw = () => {
    const b = map.getBounds();
    marks.clearLayers();
    const seen = index.getClusters([b.getWest(), b.getSouth(), b.getEast(), b.getNorth()], Math.round(map.getZoom()));
    for (const features of places(seen)) {
      const [lon, lat] = features[0].geometry.coordinates;
      const count = features[0].properties.point_count || features.length;
      const size = count > 1 ? Math.min(56, 24 + 4 * Math.log2(count)) : 18;
      const title = count > 1 ? `${count} initiatives` : features[0].properties.title || "Sans titre";
      const icon = L.divIcon({ className: "mark", html: count > 1 ? String(count) : "", iconSize: [size, size] });
      const mark = L.marker([lat, lon], { icon, title, alt: title, keyboard: true });
      mark.on("click keypress", (event) => {
        if (event.type === "keypress" && event.originalEvent.key !== "Enter") return;
        open(features, [lat, lon]);
      });
      mark.addTo(marks);
      mark.getElement().setAttribute("aria-label", title);
    }
    box.dataset.drawn = "1";
  };
  const shapes = (points) => points.map(([lat, lon, id, title, commune, position]) => ({
    type: "Feature",
    geometry: { type: "Point", coordinates: [lon, lat] },
    properties: { id, title, commune, position },
  }));
  fetch(box.dataset.points)
    .then((answer) => { if (!answer.ok) throw new Error(answer.status); return answer.json(); })
    .then((points) => {
      const begun = performance.now();
      index.load(shapes(points));
      if (points.length) map.fitBounds(L.latLngBounds(points.map((p) => [p[0], p[1]])).pad(0.1), { maxZoom: 12 });
      draw();
      map.on("moveend", draw);
      box.dataset.milliseconds = String(Math.round(performance.now() - begun));
      state.textContent = `${points.length} initiatives sur la carte. Tabulation pour aller d'un point à l'autre, Entrée pour ouvrir.`;
    })
    .catch(() => { state.textContent = "La carte n'a pas pu se charger : le tableau ci-dessous dit la même chose."; });
})();
