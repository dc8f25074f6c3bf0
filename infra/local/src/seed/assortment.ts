/** What the seeded shop sells: top category → sub-category → products. Prices are USD cents; EUR follows at a fixed rate. */
export interface SeedProduct {
  readonly title: string;
  readonly description: string;
  readonly usdMinor: number;
  /** Value texts of the one option, or none for a single variant. */
  readonly option?: { readonly name: string; readonly values: readonly string[] };
}

export interface SeedShelf {
  readonly category: string;
  readonly subCategory: string;
  readonly vendorHandle: 'northwind' | 'bitmill' | 'homestead';
  readonly products: readonly SeedProduct[];
}

const SIZES = { name: 'Size', values: ['S', 'M', 'L'] } as const;
const COLOURS = { name: 'Colour', values: ['Graphite', 'Moss'] } as const;

function shelf(category: string, subCategory: string, vendorHandle: SeedShelf['vendorHandle'], ...products: SeedProduct[]): SeedShelf {
  return { category, subCategory, vendorHandle, products };
}

function item(title: string, usdMinor: number, description: string, option?: SeedProduct['option']): SeedProduct {
  return { title, usdMinor, description, ...(option ? { option } : {}) };
}

export const SEED_SHELVES: readonly SeedShelf[] = [
  shelf(
    'Outdoor',
    'Jackets',
    'northwind',
    item('Fjord Rain Jacket', 14_900, 'Three-layer shell that keeps rain out and lets warmth through.', SIZES),
    item('Heath Wind Shirt', 7_900, 'A windproof layer that packs to the size of an apple.', SIZES),
    item('Tarn Insulated Vest', 9_900, 'Recycled fill, no bulk at the shoulders.', SIZES),
    item('Skerry Fleece', 8_400, 'Grid fleece for long, cold approaches.', SIZES),
    item('Dune Sun Hoodie', 6_400, 'Light, quick to dry, keeps the sun off.', SIZES),
  ),
  shelf(
    'Outdoor',
    'Packs',
    'northwind',
    item('Portage Backpack 32', 12_900, 'Roll-top day pack of 32 litres with a stiff back.', COLOURS),
    item('Portage Backpack 55', 18_900, 'For a week on the trail, 55 litres.', COLOURS),
    item('Ledge Hip Pack', 4_200, 'Map, snack, phone: nothing else.', COLOURS),
    item('Cairn Duffel 60', 10_900, 'Welded seams, shoulder straps, 60 litres.', COLOURS),
    item('Brook Dry Bag Set', 3_600, 'Three sizes, one colour each.'),
  ),
  shelf(
    'Outdoor',
    'Camp',
    'northwind',
    item('Lantern One', 3_900, 'A lamp that runs forty hours on one charge.'),
    item('Ember Stove', 5_900, 'Boils half a litre in three minutes.'),
    item('Grove Hammock', 6_900, 'Holds 180 kg, weighs 400 g.', COLOURS),
    item('Tinder Fire Steel', 1_500, 'Twelve thousand sparks.'),
    item('Camp Mug', 1_800, 'Enamel, half a litre, chips with dignity.', COLOURS),
    item('Trail Cutlery', 2_200, 'Titanium spoon, fork and knife.'),
    item('Summit Tent 2', 32_900, 'Two people, three seasons, 1.6 kg.'),
  ),
  shelf(
    'Outdoor',
    'Footwear',
    'northwind',
    item('Scree Trail Shoe', 11_900, 'Grip for wet rock.', { name: 'Size', values: ['39', '41', '43', '45'] }),
    item('Bog Boot', 13_900, 'Knee-high, lined, honest about what it is for.', { name: 'Size', values: ['39', '41', '43', '45'] }),
    item('Wool Hiking Socks', 1_900, 'Merino, padded heel.', SIZES),
  ),
  shelf(
    'Home',
    'Kitchen',
    'homestead',
    item('Cast Iron Pan 26', 5_400, 'Pre-seasoned, 26 cm, outlives you.'),
    item('Chef Knife 20', 8_900, 'Carbon steel, walnut handle.'),
    item('Paring Knife', 3_400, 'The one you reach for.'),
    item('Beech Chopping Board', 4_900, 'End grain, oiled.'),
    item('Stoneware Bowl Set', 6_200, 'Four bowls, ash glaze.', COLOURS),
    item('Linen Apron', 3_900, 'Cross-back, two pockets.', COLOURS),
    item('Pour-Over Kettle', 7_400, 'Gooseneck, one litre.'),
    item('Ceramic Dripper', 2_600, 'For one to four cups.', COLOURS),
  ),
  shelf(
    'Home',
    'Table',
    'homestead',
    item('Oak Candle Holder', 2_400, 'Turned from one piece.'),
    item('Linen Tablecloth', 7_800, 'Stone-washed, 140 × 250 cm.', COLOURS),
    item('Glass Carafe', 3_200, 'Hand-blown, one litre.'),
    item('Tumblers, Set of Six', 3_900, 'Thick base, thin rim.'),
    item('Napkins, Set of Four', 2_800, 'They get better with washing.', COLOURS),
    item('Salt Cellar', 1_900, 'Soapstone, with a spoon.'),
  ),
  shelf(
    'Home',
    'Garden',
    'homestead',
    item('Hand Trowel', 2_700, 'Forged, ash handle.'),
    item('Pruning Shears', 4_600, 'Spare spring in the handle.'),
    item('Watering Can 5 l', 3_800, 'Galvanised, brass rose.', COLOURS),
    item('Herb Seed Box', 1_600, 'Twelve herbs, one summer.'),
    item('Raised Bed Kit', 11_400, 'Larch boards, 120 × 80 cm.'),
  ),
  shelf(
    'Home',
    'Wool & Linen',
    'homestead',
    item('Lambswool Throw', 9_800, 'Woven in one piece, 140 × 200 cm.', COLOURS),
    item('Linen Bed Set', 16_900, 'Duvet cover and two pillow cases.', COLOURS),
    item('Waffle Towel', 2_900, 'Dries fast, even the second time.', COLOURS),
    item('Felt Slippers', 4_400, 'Leather sole.', SIZES),
  ),
  shelf(
    'Desk',
    'Stationery',
    'homestead',
    item('Dot Grid Notebook', 1_400, 'Thread-bound, lies flat.', COLOURS),
    item('Brass Pen', 4_800, 'Takes the refill you already like.'),
    item('Pencil Dozen', 1_200, 'Cedar, 2B.'),
    item('Desk Tray', 3_300, 'Walnut, for keys and coins.'),
    item('Letter Set', 2_100, 'Forty sheets, forty envelopes.'),
  ),
  shelf(
    'Desk',
    'Hardware',
    'bitmill',
    item('Tactile Keyboard', 15_900, 'Eighty-four keys, swappable switches.', COLOURS),
    item('Trackball', 8_900, 'For the other hand, too.'),
    item('USB-C Dock', 12_400, 'Eleven ports, one cable.'),
    item('Laptop Stand', 5_900, 'Aluminium, folds flat.'),
    item('Braided Cable 2 m', 1_900, '100 W, 10 Gbit/s.', COLOURS),
    item('Hardware Security Key', 4_500, 'FIDO2, USB-C and NFC.'),
    item('Desk Light Bar', 6_900, 'No glare on the screen.'),
  ),
  shelf(
    'Desk',
    'Audio',
    'bitmill',
    item('Studio Headphones', 17_900, 'Closed back, cable that comes off.'),
    item('Desk Microphone', 13_900, 'Cardioid, USB-C.'),
    item('Pocket Speaker', 5_400, 'Loud enough for a kitchen.', COLOURS),
    item('Ear Plugs', 1_800, 'Minus 27 dB, plus one night of sleep.'),
  ),
];

/** Digital units: each one sold is a secret of its own. */
export const SEED_DIGITAL: readonly (SeedProduct & { readonly secretPrefix: string; readonly units: number })[] = [
  digital('Bitmill Render Licence', 4_900, 'One seat for a year. The key is revealed to you alone, once you own it.', 'RENDER', 200),
  digital('Weather API Key, 100k Calls', 1_500, 'One hundred thousand calls, valid for twelve months.', 'WX', 500),
];

function digital(title: string, usdMinor: number, description: string, secretPrefix: string, units: number) {
  return { title, usdMinor, description, secretPrefix, units };
}
