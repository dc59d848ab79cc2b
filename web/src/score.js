export function openGrading(place, page) { place.dataset.state = 'ready'; }
